import { lazy } from 'react'
import type { OpenPage } from './module-pages.ts'

type Loaded = Record<string, { openPages: readonly OpenPage[] }>

const found = import.meta.glob(['@product/modules/*/open-pages.tsx', '../modules/*/open-pages.tsx'], {
  eager: true,
  // Of an installed platform, too, although it lies in node_modules.
  exhaustive: true,
}) as Loaded

/** The pages that need nobody to be signed in, and the gallery of components. */
export const openPages: readonly OpenPage[] = [
  ...Object.values(found).flatMap((module) => module.openPages),
  { path: '/dev/components', page: lazy(() => import('./gallery.tsx')) },
]
