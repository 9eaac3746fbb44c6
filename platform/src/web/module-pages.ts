import type { LucideIcon } from 'lucide-react'
import type { ComponentType } from 'react'
import type { Catalogue } from '#ui/text.tsx'

/** One page: its path, and where its code is; loaded when somebody goes there. */
export interface PageRoute {
  /** Below the organisation (`projects/$id`) in the workspace, else from the root (`/sign-in`). */
  readonly path: string
  /** `workspace`: inside an organisation. `account`: signed in, no organisation. `open`: anybody. */
  readonly area: 'workspace' | 'account' | 'open'
  readonly page: () => Promise<{ default: ComponentType }>
}

export interface NavigationEntry {
  /** Key of its word in the module's catalogue. */
  readonly text: string
  readonly path: string
  readonly icon: LucideIcon
  /** Who may see it. */
  readonly permission: string
  readonly group: 'product' | 'organisation'
}

/** What a module adds to the workspace: `pages.tsx` of the module exports it as `pages`. */
export interface ModulePages {
  readonly routes: readonly PageRoute[]
  readonly navigation: readonly NavigationEntry[]
  readonly words: Catalogue
}
