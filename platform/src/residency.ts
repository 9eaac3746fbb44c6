import type { Tenant } from '#kernel/context'
import { expectedTables } from '#kernel/database/catalogue'
import type { Cell } from '#kernel/database/cell'
import type { Databases } from '#kernel/database/databases'
import { recordTables } from '#kernel/database/record-tables'
import { bridgeSchema, siloName } from '#kernel/database/roles'
import { type Place, ReadSession } from '#kernel/database/session'
import { systemActor } from '#kernel/database/signed-context'
import { raw, sql } from '#kernel/database/statement'
import type { Module, TableFacts } from '#kernel/module'
import { systemSession } from './system-session.ts'

/** Where one kind of a tenant's data is. */
export interface Residence {
  /** The module whose data it is; `record` for audit log and outbox, `directory` for what must be known to find the tenant. */
  readonly kind: string
  readonly tables: readonly string[]
  /** `control`, `cell eu-1`, `schema t_… of cell eu-1`, `database tenantry_silo_… of cell eu-1` */
  readonly place: string
  readonly region: string
  readonly rows: number
}

export interface ResidencyReport {
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string; readonly region: string }
  /** ISO 8601 */
  readonly at: string
  readonly residences: readonly Residence[]
  /** Cells that were searched for rows, a schema or a database of the tenant without being its own. */
  readonly searched: readonly string[]
  /** What was found in them: should be nothing. */
  readonly strays: readonly Residence[]
  /** Cells that could not be asked. */
  readonly unreachable: readonly string[]
}

const timeoutMs = 30_000

/**
 * Counts every row of a tenant in every database of the installation, under its own signed context: where it should be,
 * and where it should not. The outbox, which no tenant may read, lies beside the audit log and is not counted.
 */
export async function residencyOf(
  databases: Databases,
  modules: readonly Module[],
  tenant: Tenant,
): Promise<ResidencyReport> {
  const home = databases.cellOf(tenant)
  const others = databases.cells.filter((cell) => cell !== home)
  const found = await Promise.allSettled(others.map((cell) => straysIn(cell, home, modules, tenant)))
  const unreachable = others.filter((_, index) => found[index]?.status === 'rejected')
  return {
    tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name, region: tenant.region },
    at: new Date().toISOString(),
    residences: [
      ...(await residencesIn(home.targetOf(tenant), cellKinds(modules), tenant, {
        place: placeIn(home, tenant),
        region: home.region,
      })),
      ...(await residencesIn({ database: databases.control }, controlKinds, tenant, {
        place: 'control',
        region: databases.controlTarget().home.region,
      })),
    ],
    searched: others.filter((cell) => !unreachable.includes(cell)).map(({ name }) => name),
    strays: found.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : [])),
    unreachable: unreachable.map(({ name }) => name),
  }
}

interface Kind {
  readonly kind: string
  readonly tables: readonly { readonly name: string; readonly column: string }[]
}

function cellKinds(modules: readonly Module[]): Kind[] {
  const there = expectedTables('cell', modules)
  const ofModules = modules.map(({ name, tables }) => kindOf(name, tables, there))
  return [...ofModules, kindOf('record', recordTables, there)].filter(({ tables }) => tables.length > 0)
}

function kindOf(kind: string, tables: Readonly<Record<string, TableFacts>>, there: ReadonlyMap<string, unknown>): Kind {
  const readable = Object.entries(tables).filter(
    ([name, facts]) => there.has(name) && facts.kind === 'tenant' && facts.privileges.includes('select'),
  )
  return { kind, tables: readable.map(([name]) => ({ name, column: 'tenant_id' })) }
}

/** What the control database has of a tenant: its line in the directory, who belongs to it, how much it does, and what was done to it there. */
const controlKinds: readonly Kind[] = [
  {
    kind: 'directory',
    tables: [
      { name: 'tenants', column: 'id' },
      { name: 'memberships', column: 'tenant_id' },
    ],
  },
  {
    kind: 'analytics',
    tables: [
      { name: 'tenant_days', column: 'tenant_id' },
      { name: 'operation_days', column: 'tenant_id' },
    ],
  },
  {
    kind: 'audit',
    tables: [
      { name: 'audit_streams', column: 'tenant_id' },
      { name: 'audit_retention', column: 'tenant_id' },
    ],
  },
  { kind: 'record', tables: [{ name: 'audit_events', column: 'tenant_id' }] },
]

async function residencesIn(
  target: Place,
  kinds: readonly Kind[],
  tenant: Tenant,
  where: Pick<Residence, 'place' | 'region'>,
): Promise<Residence[]> {
  const identity = { tenantId: tenant.id, actorId: systemActor }
  const session = new ReadSession({ target, identity, deadlineMs: performance.now() + timeoutMs })
  const residences: Residence[] = []
  for (const { kind, tables } of kinds) {
    let rows = 0
    for (const { name, column } of tables) {
      const counted = sql`select count(*)::int as rows from ${raw(name)} where ${raw(column)} = ${tenant.id}`
      rows += (await session.first<{ rows: number }>(counted))?.rows ?? 0
    }
    residences.push({ kind, tables: tables.map(({ name }) => name), ...where, rows })
  }
  return residences
}

async function straysIn(cell: Cell, home: Cell, modules: readonly Module[], tenant: Tenant): Promise<Residence[]> {
  const inPool = await residencesIn({ database: cell.serving }, cellKinds(modules), tenant, {
    place: `cell ${cell.name}`,
    region: cell.region,
  })
  const places = await systemSession(cell.serving).all<{ place: string }>(
    sql`select 'schema ' || nspname as place from pg_namespace where nspname = ${bridgeSchema(tenant.id)}
      union all select 'database ' || datname from pg_database
        where datname = ${siloName(tenant.id)} and ${cell.server !== home.server}`,
  )
  const ownPlaces = places.map(({ place }) => ({
    kind: 'place',
    tables: [],
    place: `${place} of cell ${cell.name}`,
    region: cell.region,
    rows: 0,
  }))
  return [...inPool.filter(({ rows }) => rows > 0), ...ownPlaces]
}

function placeIn({ name }: Cell, { id, placement }: Tenant): string {
  if (placement.model === 'bridge') return `schema ${bridgeSchema(id)} of cell ${name}`
  return placement.model === 'silo' ? `database ${siloName(id)} of cell ${name}` : `cell ${name}`
}
