import { hkdfSync } from 'node:crypto'

/** Login roles and what they are for; `tenantry_owner` and `tenantry_verifier` own things and cannot log in. */
export const loginRoles = [
  'tenantry_migrator',
  'tenantry_serving',
  'tenantry_control',
  'tenantry_identity',
  'tenantry_relay',
] as const
export type LoginRole = (typeof loginRoles)[number]

/** Who may connect to which kind of database. */
export const rolesOf = {
  control: ['tenantry_migrator', 'tenantry_serving', 'tenantry_control', 'tenantry_identity', 'tenantry_relay'],
  cell: ['tenantry_migrator', 'tenantry_serving', 'tenantry_relay'],
} as const satisfies Record<string, readonly LoginRole[]>
export type DatabaseKind = keyof typeof rolesOf

/** The schema that a role's statements find their tables in. */
export const schemaOf = { control: 'control', cell: 'pool' } as const satisfies Record<DatabaseKind, string>

/** A key of its own for each purpose, from the installation's one secret (HKDF, RFC 5869). */
export function derivedKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'tenantry', purpose, 32))
}

/** Passwords of login roles follow from the installation's secret, so that no other file has to keep them. */
export function rolePassword(secret: string, role: LoginRole): string {
  return derivedKey(secret, `password of ${role}`).toString('base64url')
}

/** The same server and parameters, as another role and in another database. */
export function urlFor(url: string, changes: { role?: LoginRole; secret?: string; database?: string }): string {
  const changed = new URL(url)
  if (changes.role) {
    changed.username = changes.role
    changed.password = rolePassword(changes.secret ?? '', changes.role)
  }
  if (changes.database) changed.pathname = `/${encodeURIComponent(changes.database)}`
  return changed.href
}

export function databaseIn(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}
