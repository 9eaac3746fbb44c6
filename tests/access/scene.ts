import { demoPassword } from '../../platform/src/demo-people.ts'
import type { Module } from '../../platform/src/kernel/module.ts'
import { type Asking, type Reply, TestInstallation } from '../installation.ts'

/** Acme with people who have roles for the whole organisation and, in tests, roles for less. */
export const owner = { as: 'owner@acme.test', tenant: 'acme' }
export const admin = { as: 'admin@acme.test', tenant: 'acme' }
/** Made a guest: may do nothing but what a test gives. */
export const guest = { as: 'viewer@acme.test', tenant: 'acme' }

export class AccessScene {
  readonly atlas: TestInstallation
  readonly guestId: string

  private constructor(atlas: TestInstallation, guestId: string) {
    this.atlas = atlas
    this.guestId = guestId
  }

  static async make(modules: readonly Module[] = []): Promise<AccessScene> {
    const atlas = await TestInstallation.start({ modules })
    const { items } = await atlas.ask<{ items: { id: string; userId: string; email: string }[] }>(
      'GET',
      '/api/v1/members',
      owner,
    )
    const member = items.find(({ email }) => email === guest.as)
    if (!member) throw new Error(`${guest.as} (${demoPassword}) is no member`)
    await atlas.ask('PATCH', `/api/v1/members/${member.id}`, { ...owner, body: { role: 'guest' } })
    return new AccessScene(atlas, member.userId)
  }

  request(method: string, path: string, asking: Asking): Promise<Reply> {
    return this.atlas.request(method, `/api/v1${path}`, asking)
  }

  /** Status and, where it is a failure, its code. */
  async outcome(method: string, path: string, asking: Asking): Promise<string> {
    const { status, body } = await this.request(method, path, asking)
    const { code } = (body ?? {}) as { code?: string }
    return code === undefined ? String(status) : `${status} ${code}`
  }

  async project(fields: Record<string, unknown> = {}, as: Asking = owner): Promise<string> {
    const { id } = await this.atlas.ask<{ id: string }>('POST', '/api/v1/projects', {
      ...as,
      body: { name: 'A project', ...fields },
    })
    return id
  }

  async role(name: string, permissions: readonly (string | object)[]): Promise<string> {
    const given = permissions.map((each) => (typeof each === 'string' ? { permission: each } : each))
    const body = { name, permissions: given }
    return (await this.atlas.ask<{ id: string }>('POST', '/api/v1/roles', { ...owner, body })).id
  }

  /** Gives the guest a role. */
  async give(roleId: string, scope: object = { kind: 'tenant' }, expiresAt: string | null = null): Promise<string> {
    const body = { principalId: this.guestId, roleId, scope, expiresAt }
    return (await this.atlas.ask<{ id: string }>('POST', '/api/v1/assignments', { ...owner, body })).id
  }

  async withdraw(assignmentId: string): Promise<void> {
    await this.atlas.ask('DELETE', `/api/v1/assignments/${assignmentId}`, owner)
  }

  /** Ids of the projects that the guest sees in the list. */
  async seen(asking: Asking = guest): Promise<string[]> {
    const { items } = await this.atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/projects?limit=100', asking)
    return items.map(({ id }) => id).toSorted()
  }
}
