/** Whose pages these are: the workspace's, the staff console's, or the workspace's as one of the staff sees it. */

export interface SupportTab {
  /** Of the support session. */
  readonly id: string
  readonly tenantId: string
  /** Of the organisation that the session is for. */
  readonly slug: string
}

const supportKey = 'tenantry.support'
const consolePath = /^\/staff(\/|\?|$)/

keepSupportFromAddress()

/** The organisation in the address: two tabs in two organisations never mix. */
export function tenantInAddress(): string | undefined {
  return /^\/o\/([^/]+)/.exec(location.pathname)?.[1]
}

/** Also while one signs in to get there. */
export function isConsole(): boolean {
  const next = new URLSearchParams(location.search).get('next') ?? ''
  return consolePath.test(location.pathname) || (tenantInAddress() === undefined && consolePath.test(next))
}

/** The support session of this tab, in the organisation that it is for. */
export function supportHere(): SupportTab | undefined {
  const kept = sessionStorage.getItem(supportKey)
  if (kept === null) return undefined
  const tab = JSON.parse(kept) as SupportTab
  return tab.slug === tenantInAddress() ? tab : undefined
}

/** Where the workspace is opened in a support session, in a tab of its own. */
export function supportAddress({ id, tenantId, slug }: SupportTab): string {
  return `/o/${slug}?${new URLSearchParams({ support: id, tenant: tenantId })}`
}

/** From now on this tab is an ordinary one. */
export function forgetSupport(): void {
  sessionStorage.removeItem(supportKey)
}

/** Back to the console, where the session was opened. */
export function leaveSupport(tenantId: string): void {
  forgetSupport()
  location.assign(`/staff/tenants/${tenantId}`)
}

/** What a request says of its door. What staff do about a session they do as themselves. */
export function doorHeaders(path: string): Record<string, string> {
  const support = supportHere()
  if (!support) return isConsole() ? { 'Tenantry-Console': '1' } : {}
  const isOfStaff = path.startsWith('/api/v1/staff/')
  return { 'Tenantry-Console': '1', ...(isOfStaff ? {} : { 'Tenantry-Support': support.id }) }
}

/** For the page's clock may be half a minute behind, never more than it lasts. */
export function minutesLeft({ endsAt, minutes }: { endsAt: string | null; minutes: number }, nowMs: number): number {
  const left = Math.ceil((Date.parse(endsAt ?? '') - nowMs) / 60_000) || 0
  return Math.min(minutes, Math.max(0, left))
}

function keepSupportFromAddress(): void {
  const { support: id, tenant: tenantId } = Object.fromEntries(new URLSearchParams(location.search))
  const slug = tenantInAddress()
  if (id === undefined || tenantId === undefined || slug === undefined) return
  sessionStorage.setItem(supportKey, JSON.stringify({ id, tenantId, slug } satisfies SupportTab))
  history.replaceState(history.state, '', location.pathname)
}
