import type { LucideIcon } from 'lucide-react'
import type { FunctionComponent } from 'react'

/** A page that anybody can open, such as for signing in: `open-pages.tsx` of a module exports them as `openPages`. */
export interface OpenPage {
  /** From the root: `/sign-in`. */
  readonly path: string
  readonly page: FunctionComponent
}

/** A page for who is signed in. A heavy one is a `lazy()` component: the others come with the workspace in one file. */
export interface PageRoute {
  /** Below the organisation (`projects/$id`), for the area `account` from the root (`/account`). */
  readonly path: string
  /** `workspace`: inside an organisation. `account`: a person's own, in none. */
  readonly area: 'workspace' | 'account'
  readonly page: FunctionComponent
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

/** Something to do that the command palette offers: it opens a page, with what the page needs after `?`. */
export interface Command {
  readonly text: string
  readonly path: string
  readonly search?: Readonly<Record<string, string>>
  readonly icon: LucideIcon
  readonly permission: string
}

/** A record that the command palette has found. */
export interface Found {
  readonly text: string
  readonly path: string
  readonly icon: LucideIcon
}

/** A kind of record that roles can be given for, as the module's `resources` name it. */
export interface RecordKind {
  readonly resource: string
  /** Key of its word, for one of them. */
  readonly text: string
  /** Those with this in their name, at most a few; without it any. */
  find(text: string): Promise<readonly { readonly id: string; readonly name: string }[]>
  nameOf(id: string): Promise<string>
}

/** A kind of record with a trash, as the module's `resources` name it. */
export interface TrashKind {
  readonly resource: string
  /** Key of its word, for one of them. */
  readonly text: string
  /** Fails with `trash.name_taken` when its name is taken meanwhile and no other is given. */
  restore(id: string, name?: string): Promise<unknown>
  /** Deletes it for good; `confirm`: its name, as somebody typed it. */
  purge(id: string, confirm: string): Promise<unknown>
}

/** Something that plans limit, as the manifest's `entitlements` name it. */
export interface EntitlementName {
  readonly name: string
  /** Key of its word, for many of them. */
  readonly text: string
}

/** Something to begin with, as the manifest's `onboarding` names it. */
export interface OnboardingPage {
  /** The module, a dot and a name. */
  readonly key: string
  readonly text: string
  readonly help: string
  /** Where it is done, below the organisation or, when it is a person's own, from the root. Absent: it is done from the start. */
  readonly path?: string
  readonly isOfPerson?: boolean
  readonly search?: Readonly<Record<string, string>>
}

/** What a module adds to the workspace: `pages.tsx` of the module exports it as `pages`. */
export interface ModulePages {
  readonly routes: readonly PageRoute[]
  readonly navigation: readonly NavigationEntry[]
  readonly commands?: readonly Command[]
  readonly onboarding?: readonly OnboardingPage[]
  readonly trash?: readonly TrashKind[]
  readonly records?: readonly RecordKind[]
  readonly entitlements?: readonly EntitlementName[]
  /** Records whose name has this in it, at most a few. */
  readonly find?: { readonly permission: string; find(text: string): Promise<readonly Found[]> }
}

/** A page of the staff console. */
export interface StaffPage {
  /** Below `/staff`. */
  readonly path: string
  readonly page: FunctionComponent
}

export interface StaffNavigationEntry extends Pick<NavigationEntry, 'text' | 'path' | 'icon'> {
  /** `tenants`: who is served. `operation`: what serves them. */
  readonly group: 'tenants' | 'operation'
}

/** What a module adds to the staff console: `staff-pages.tsx` of the module exports it as `staffPages`. */
export interface StaffPages {
  readonly routes: readonly StaffPage[]
  readonly navigation: readonly StaffNavigationEntry[]
}
