import type { StaffPages } from './module-pages.ts'

type Loaded = Record<string, { staffPages: StaffPages }>

/** Found by convention: whoever has a `staff-pages.tsx` is part of the staff console. */
export const staffPages: readonly StaffPages[] = Object.values(
  import.meta.glob('../modules/*/staff-pages.tsx', { eager: true }) as Loaded,
).map((module) => module.staffPages)
