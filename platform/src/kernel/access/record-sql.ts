import type { Session } from '../database/session.ts'
import { join, raw, type Sql, sql } from '../database/statement.ts'
import type { Access, Grant, KnownRecord, RecordName } from './access.ts'
import { resourceOf } from './access.ts'
import { type Circumstances, isAboutRecord } from './condition.ts'
import { lineageOf, type ResourceFacts, type Resources } from './resource.ts'

/** Access and the database: which rows of a list somebody sees, and what must be known of one record. */

/**
 * A condition for the rows of a list that the actor may see, of the table that `alias` names; undefined when those are all.
 * The whole list stays one query, however many grants there are.
 */
export function visibleRows(
  access: Access,
  resources: Resources,
  permission: string,
  circumstances: Circumstances,
  alias: string,
): Sql | undefined {
  if (access.everywhere.has(permission)) return undefined
  const grants = access.grantsOnRecords(permission, circumstances)
  if (grants.some(({ condition, assignment }) => assignment.scope.kind === 'tenant' && !condition?.some(isAboutRecord)))
    return undefined
  const rows = new Rows(resources, resourceOf(permission), alias)
  // Grants that differ in their scope alone, as those for three projects do, become one comparison.
  const alike = Map.groupBy(grants, (grant) => shapeOf(grant))
  const parts = [...alike.values()].flatMap((group) => rows.reached(group, circumstances.actor.id) ?? [])
  return parts.length === 0 ? sql`false` : sql`(${join(parts, ' or ')})`
}

function shapeOf({ condition, assignment: { scope } }: Grant): string {
  const conditionOfRecord = condition?.filter(isAboutRecord) ?? []
  return JSON.stringify([scope.kind, scope.kind === 'record' ? scope.resource : null, conditionOfRecord])
}

class Rows {
  readonly #resources: Resources
  readonly #lineage: readonly string[]
  readonly #alias: string

  constructor(resources: Resources, resource: string, alias: string) {
    this.#resources = resources
    this.#lineage = lineageOf(resources, resource)
    this.#alias = alias
  }

  /** Rows that grants of one shape reach. */
  reached(grants: readonly Grant[], actorId: string): Sql | undefined {
    const [first] = grants
    if (!first) return undefined
    const clauses = first.condition?.filter(isAboutRecord) ?? []
    const conditions = clauses.map(({ record, is, in: among }) => {
      const column = raw(`${this.#alias}.${this.#facts(0).attributes?.[record] ?? 'null'}`)
      const isActor = sql`${column} = ${actorId}`
      const isAmong = sql`${column}::text = any(${(among ?? []).map(String)}::text[])`
      if (is === undefined) return isAmong
      return among === undefined ? isActor : sql`${isActor} and ${isAmong}`
    })
    const { scope } = first.assignment
    if (scope.kind === 'tenant') return sql`(${join(conditions, ' and ')})`
    const ids = grants.flatMap(({ assignment }) => ('id' in assignment.scope ? assignment.scope.id : []))
    const where = scope.kind === 'team' ? this.#ofTeams(ids) : this.#ofRecords(scope.resource, ids)
    return sql`(${join([where, ...conditions], ' and ')})`
  }

  #ofRecords(resource: string, ids: readonly string[]): Sql {
    const depth = this.#lineage.indexOf(resource)
    return this.#at(depth, (alias) => sql`${raw(`${alias}.id`)} = any(${ids}::uuid[])`, depth)
  }

  #ofTeams(ids: readonly string[]): Sql {
    const depths = this.#lineage.flatMap((name, depth) => (this.#resources.get(name)?.team === undefined ? [] : depth))
    const parts = depths.map((depth) =>
      this.#at(depth, (alias) => sql`${raw(`${alias}.${this.#facts(depth).team}`)} = any(${ids}::uuid[])`),
    )
    return sql`(${join(parts, ' or ')})`
  }

  /** A condition on what a row is part of, `depth` steps up. For its id alone the last step is the row's own column. */
  #at(depth: number, condition: (alias: string) => Sql, byId = -1): Sql {
    const step = (alias: string, left: number): Sql => {
      if (left === 0) return condition(alias)
      const { parent } = this.#facts(depth - left)
      const column = raw(`${alias}.${parent?.column}`)
      if (left === 1 && byId >= 0) return this.#columnIs(column, condition)
      const next = `${alias}_up`
      const table = raw(`${this.#facts(depth - left + 1).table} ${next}`)
      const joined = sql`${raw(`${next}.tenant_id`)} = ${raw(`${alias}.tenant_id`)} and ${raw(`${next}.id`)} = ${column}`
      return sql`exists (select from ${table} where ${joined} and ${step(next, left - 1)})`
    }
    return step(this.#alias, depth)
  }

  #columnIs(column: Sql, condition: (alias: string) => Sql): Sql {
    const { values } = condition('')
    return sql`${column} = any(${values[0]}::uuid[])`
  }

  #facts(depth: number): ResourceFacts {
    return this.#resources.get(this.#lineage[depth] ?? '') ?? { table: '' }
  }
}

/** What access must know of a record, in one query; undefined when there is none. Deleted records count as there. */
export async function knownRecord(
  db: Session,
  resources: Resources,
  tenantId: string,
  { resource, id }: RecordName,
): Promise<KnownRecord | undefined> {
  const lineage = lineageOf(resources, resource)
  const [facts] = lineage.map((name) => resources.get(name))
  if (!facts) return undefined
  const attributes = Object.entries(facts.attributes ?? {})
  const columns = [
    ...attributes.map(([name, column]) => `r0.${column} as "attribute_${name}"`),
    ...lineage.flatMap((name, depth) => {
      const team = resources.get(name)?.team
      return [
        `r${depth}.id as "id_${depth}"`,
        team === undefined ? `null as "team_${depth}"` : `r${depth}.${team} as "team_${depth}"`,
      ]
    }),
  ]
  const joins = lineage.slice(1).map((name, index) => {
    const column = resources.get(lineage[index] ?? '')?.parent?.column
    const alias = `r${index + 1}`
    return `left join ${resources.get(name)?.table} ${alias} on ${alias}.tenant_id = r${index}.tenant_id and ${alias}.id = r${index}.${column}`
  })
  const row = await db.first<Record<string, unknown>>(sql`select ${raw(columns.join(', '))}
    from ${raw(`${facts.table} r0 ${joins.join(' ')}`)} where r0.tenant_id = ${tenantId} and r0.id = ${id}`)
  if (!row) return undefined
  return {
    attributes: Object.fromEntries(attributes.map(([name]) => [name, row[`attribute${capital(name)}`]])),
    lineage: lineage.flatMap((name, depth) => {
      const found = row[`id${depth}`]
      return typeof found === 'string'
        ? [{ resource: name, id: found, team: (row[`team${depth}`] as string | null) ?? null }]
        : []
    }),
  }
}

/** Rows come with camel-cased names: `attribute_state` as `attributeState`. */
function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
