import { lazy } from 'react'
import type { OpenPage } from './module-pages.ts'

type Loaded = Record<string, { openPages: readonly OpenPage[] }>

const platform = import.meta.glob('../modules/*/open-pages.tsx', { eager: true }) as Loaded
// Apart, because Vite searches one list from the folder that all of it has in common: `/` for a product elsewhere.
const product = import.meta.glob('@product/modules/*/open-pages.tsx', { eager: true }) as Loaded

/** The pages that need nobody to be signed in, and the gallery of components. */
export const openPages: readonly OpenPage[] = [
  ...[...Object.values(product), ...Object.values(platform)].flatMap((module) => module.openPages),
  { path: '/dev/components', page: lazy(() => import('./gallery.tsx')) },
]
