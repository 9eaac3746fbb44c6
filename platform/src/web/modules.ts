import type { ModulePages } from './module-pages.ts'

type Loaded = Record<string, { pages: ModulePages }>

/** Found by convention: whoever has a `pages.tsx` is part of the workspace; the product's come first in the navigation. */
const product = import.meta.glob('@product/modules/*/pages.tsx', { eager: true }) as Loaded
const platform = import.meta.glob('../modules/*/pages.tsx', { eager: true }) as Loaded

export const modulePages: readonly ModulePages[] = [...Object.values(product), ...Object.values(platform)].map(
  ({ pages }) => pages,
)
