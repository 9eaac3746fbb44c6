import type { FunctionComponent } from 'react'

type Loaded = Record<string, { default: FunctionComponent<{ tenantId: string }> }>

/** Found by convention: what a module shows of one tenant in the staff console is its `pages/tenant-section.tsx`. */
export const tenantSections = Object.entries(
  import.meta.glob('../modules/*/pages/tenant-section.tsx', { eager: true }) as Loaded,
).map(([file, { default: section }]) => ({ file, section }))
