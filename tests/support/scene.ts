import { demoPassword } from '../../platform/src/demo-people.ts'
import { type Reply, TestInstallation } from '../installation.ts'

export const staff = { as: 'staff@tenantry.test' }
export const owner = { as: 'owner@acme.test', tenant: 'acme' }
export const console = { 'tenantry-console': '1' }

/** A session as both sides see it. */
export interface Session {
  readonly id: string
  readonly state: 'waiting' | 'open' | 'ended'
  readonly endsAt: string | null
  readonly mayWrite: boolean
  readonly endedBy: string | null
}

/** Acme, and one of the staff who wants to look into it. */
export class SupportScene {
  readonly atlas: TestInstallation
  readonly tenantId: string

  private constructor(atlas: TestInstallation, tenantId: string) {
    this.atlas = atlas
    this.tenantId = tenantId
  }

  static async make(): Promise<SupportScene> {
    const atlas = await TestInstallation.start()
    const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', owner)
    return new SupportScene(atlas, id)
  }

  get path(): string {
    return `/api/v1/staff/tenants/${this.tenantId}/support-sessions`
  }

  ask(member = 'owner@acme.test', minutes = 30): Promise<Session> {
    const body = { member, reason: 'Projects look empty to them', ticket: 'T-1042', minutes }
    return this.atlas.ask<Session>('POST', this.path, { ...staff, body })
  }

  async open(member?: string, minutes?: number): Promise<Session> {
    const { id } = await this.ask(member, minutes)
    return this.atlas.ask<Session>('POST', `/api/v1/support-sessions/${id}/approve`, { ...owner, body: {} })
  }

  async raise(id: string): Promise<Session> {
    await this.atlas.ask('POST', `${this.path}/${id}/raise`, {
      ...staff,
      body: { reason: 'They asked us to rename it' },
    })
    return this.atlas.ask<Session>('POST', `/api/v1/support-sessions/${id}/approve`, {
      ...owner,
      body: { raise: true },
    })
  }

  /** A request of the workspace by one of the staff, as the page that the console opened sends it. */
  async request(
    { id }: { id: string },
    method: string,
    path: string,
    asking: { body?: unknown; tenant?: string; headers?: Record<string, string>; as?: string } = {},
  ): Promise<Reply> {
    const { as = staff.as, tenant = 'acme', headers = {}, ...rest } = asking
    const cookie = await this.atlas.cookieOf(as, 'console')
    return this.atlas.request(method, path, {
      tenant,
      headers: { ...console, cookie, 'tenantry-support': id, ...headers },
      ...rest,
    })
  }

  /** Another account with a console session, such as a colleague's. */
  async appoint(email: string): Promise<void> {
    await this.atlas.ask('POST', '/api/v1/staff', { ...staff, body: { email, reason: 'Helps out' } })
  }

  signIn(email: string): Promise<Reply> {
    return this.atlas.request('POST', '/api/v1/sessions', { body: { email, password: demoPassword }, headers: console })
  }
}

export function codeOf({ status, body }: Reply): string {
  return `${status} ${(body as { code?: string } | null)?.code ?? ''}`.trim()
}
