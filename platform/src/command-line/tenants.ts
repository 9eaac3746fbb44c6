import type { Actor, Placement, Tenant } from '#kernel/context'
import type { ReadSession } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { requireOperation } from '#kernel/operation'
import { findPerson } from '#modules/identity'
import { findTenant } from '#modules/tenants'
import type { Installation } from '../installation.ts'
import { system, systemSession } from '../system-session.ts'
import { columns, print } from './output.ts'
import { withInstallation } from './session.ts'

interface TenantRow {
  id: string
  /** A purged one has none. */
  slug: string | null
  name: string
  state: string
  region: string
  plan: string
  cell: string
  model: string
  members: number
  createdAt: string
}

/** `tenantry tenants list` */
export async function listTenants(options: { json?: boolean }): Promise<void> {
  const tenants = await withInstallation((installation) => directory(installation).all<TenantRow>(tenantsSql))
  print(tenants, options, (rows) =>
    rows.length === 0
      ? 'No tenants yet. Create one: npx tenantry tenants create "Name" --owner person@example.com'
      : columns([
          ['SLUG', 'NAME', 'STATE', 'PLAN', 'REGION', 'PLACEMENT', 'MEMBERS', 'CREATED'],
          ...rows.map((row) => [
            row.slug ?? '–',
            row.name,
            row.state,
            row.plan,
            row.region,
            `${row.cell} (${row.model})`,
            String(row.members),
            row.createdAt.slice(0, 10),
          ]),
        ]),
  )
}

/** `tenantry tenants show <slug or id>` */
export async function showTenant(reference: string, options: { json?: boolean }): Promise<void> {
  const tenants = await withInstallation((installation) => directory(installation).all<TenantRow>(tenantsSql))
  const tenant = tenants.find(({ id, slug }) => id === reference || slug === reference)
  if (!tenant) throw new Error(`There is no tenant "${reference}". List them: npx tenantry tenants list`)
  print(tenant, options, (row) => columns(Object.entries(row).map(([field, value]) => [field, String(value)])))
}

interface CreateOptions {
  readonly owner: string
  readonly slug?: string
  readonly model: Placement['model']
  readonly region?: string
  readonly cell?: string
  readonly reason: string
  readonly json?: boolean
}

/** `tenantry tenants create <name> --owner <e-mail>`: by the same operation as in the staff console, as the system. */
export async function createTenant(name: string, { json, ...choices }: CreateOptions): Promise<void> {
  const tenant = await withInstallation(async (installation) => {
    const create = requireOperation(installation.operations, 'staffTenants.create')
    return (await installation.call(create, system, { name, ...choices })) as TenantRow
  })
  print(
    tenant,
    json === undefined ? {} : { json },
    ({ slug, id, model, cell, region }) =>
      `Created ${slug} (${id}), owned by ${choices.owner}: ${model} in cell ${cell}, region ${region}.`,
  )
}

/** `tenantry keys create <tenant> --scope …`: as one of its owners; the key is printed once. */
export async function createKey(
  reference: string,
  options: { name: string; scope: string[]; as: string; json?: boolean },
): Promise<void> {
  const key = await withInstallation(async (installation) => {
    const actor = await personByEmail(installation, options.as)
    const create = requireOperation(installation.operations, 'keys.create')
    return (await installation.call(
      create,
      actor,
      { name: options.name, scopes: options.scope },
      { tenant: reference },
    )) as {
      key: string
      scopes: string[]
    }
  })
  print(
    key,
    options,
    ({ key: secret, scopes }) =>
      `${secret}\n\nMay ${scopes.join(', ')} in ${reference}. Shown once: the platform keeps a digest.`,
  )
}

/** The tenant that somebody names by slug or id. Throws when there is none. */
export async function requireTenant({ databases }: Installation, reference: string): Promise<Tenant> {
  const tenant = await findTenant(systemSession(databases.directory), reference)
  if (!tenant) throw new Error(`There is no tenant "${reference}". List them: npx tenantry tenants list`)
  return tenant
}

const tenantsSql = sql`select t.id, t.slug, t.name, t.state, t.region, t.plan, t.cell, t.model, t.created_at,
  (select count(*) from memberships m where m.tenant_id = t.id) as members from tenants t order by t.created_at, t.id`

/** Reads as the control role, whose the directory is. */
function directory({ databases }: Installation): ReadSession {
  return systemSession(databases.control)
}

/** Who has signed up with that address. Throws when nobody has. */
export async function personByEmail({ databases }: Installation, email: string): Promise<Actor> {
  const person = await findPerson(systemSession(databases.identity), email)
  if (!person) {
    throw new Error(`Nobody has signed up as ${email} and confirmed the address. Sign up in the workspace first.`)
  }
  return { kind: 'person', id: person.userId, name: person.name, email: person.email }
}
