import { hkdfSync } from 'node:crypto'

/**
 * Login roles and what they are for. `tenantry_owner` and `tenantry_verifier` own things and cannot log in, nor can
 * `tenantry_workers`, whom policies and grants on tenants' tables name: its members are `tenantry_serving` and the
 * login role of each silo, each of which may connect to its own databases only.
 */
export const loginRoles = [
  'tenantry_migrator',
  'tenantry_serving',
  'tenantry_control',
  'tenantry_identity',
  'tenantry_relay',
  'tenantry_provisioner',
] as const
export type LoginRole = (typeof loginRoles)[number]

/** Who may connect to which kind of database. */
export const rolesOf = {
  control: ['tenantry_migrator', 'tenantry_serving', 'tenantry_control', 'tenantry_identity', 'tenantry_relay'],
  cell: ['tenantry_migrator', 'tenantry_serving', 'tenantry_relay', 'tenantry_provisioner'],
  // Served by a login role of its tenant alone.
  silo: ['tenantry_migrator', 'tenantry_relay'],
} as const satisfies Record<string, readonly LoginRole[]>
export type DatabaseKind = keyof typeof rolesOf

/** The schema that a role's statements find their tables in. */
export const schemaOf = { control: 'control', cell: 'pool', silo: 'pool' } as const satisfies Record<
  DatabaseKind,
  string
>

/** The schema of a tenant in the bridge model: from its id, so that there is nothing to quote, collide or be cut off. */
export function bridgeSchema(tenantId: string): string {
  return `t_${hexOf(tenantId)}`
}

/** The database of a tenant in the silo model, and the login role that alone serves it. */
export function siloName(tenantId: string): string {
  return `tenantry_silo_${hexOf(tenantId)}`
}

/** The database that a cell's silos are copied from. */
export function templateOf(cellDatabase: string): string {
  return `${cellDatabase}_template`
}

function hexOf(tenantId: string): string {
  const hex = tenantId.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new Error(`"${tenantId}" is no tenant's id`)
  return hex
}

/** A key of its own for each purpose, from the installation's one secret (HKDF, RFC 5869). */
export function derivedKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'tenantry', purpose, 32))
}

/** Passwords of login roles follow from the installation's secret, so that no other file has to keep them. */
export function rolePassword(secret: string, role: LoginRole): string {
  return derivedKey(secret, `password of ${role}`).toString('base64url')
}

/** The same server and parameters, as another role or login, and in another database. */
export function urlFor(
  url: string,
  changes: { role?: LoginRole; secret?: string; login?: string; password?: string; database?: string },
): string {
  const changed = new URL(url)
  if (changes.role) {
    changed.username = changes.role
    changed.password = rolePassword(changes.secret ?? '', changes.role)
  }
  if (changes.login !== undefined) {
    changed.username = changes.login
    changed.password = changes.password ?? ''
  }
  if (changes.database) changed.pathname = `/${encodeURIComponent(changes.database)}`
  return changed.href
}

export function databaseIn(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}
