import { type Circumstances, type Condition, failedClause, isAboutRecord, type RecordFacts } from './condition.ts'
import { lineageOf, type Resources } from './resource.ts'

/** How far an assignment reaches: the whole tenant, what belongs to one team, or one record with all that is part of it. */
export type Scope =
  | { readonly kind: 'tenant' }
  | { readonly kind: 'team'; readonly id: string }
  | { readonly kind: 'record'; readonly resource: string; readonly id: string }

/** A role that somebody has, with what it permits. */
export interface Assignment {
  readonly id: string
  readonly role: { readonly id: string; readonly name: string }
  readonly scope: Scope
  /** ISO 8601 UTC; null: until it is withdrawn. */
  readonly expiresAt: string | null
  readonly permissions: readonly Permit[]
}

interface Permit {
  /** `resource:action` */
  readonly permission: string
  readonly condition: Condition | null
}

/** One permission as one assignment gives it. */
export interface Grant extends Permit {
  readonly assignment: Assignment
}

/** A record that a question is about. */
export interface RecordName {
  readonly resource: string
  readonly id: string
}

/** A record as access sees it: itself and what it is part of, with the teams that these belong to. */
export interface KnownRecord {
  readonly lineage: readonly (RecordName & { readonly team: string | null })[]
  readonly attributes: RecordFacts
}

/** Why a grant does not decide the question: shown by `explain`. */
export type Obstacle = 'expired' | 'elsewhere' | 'condition'

export interface Weighed {
  readonly grant: Grant
  readonly obstacle: Obstacle | undefined
  /** The clause that does not hold. */
  readonly clause?: Condition[number] | undefined
}

/** What one actor may do in one tenant. Immutable: gates remember it for a second. */
export class Access {
  readonly assignments: readonly Assignment[]
  readonly #resources: Resources
  readonly #grants: ReadonlyMap<string, readonly Grant[]>
  readonly #everywhere: ReadonlySet<string>
  /** When the first of them ends. */
  readonly #endsAt: string | undefined

  constructor(assignments: readonly Assignment[], resources: Resources) {
    this.assignments = assignments
    this.#resources = resources
    const grants = assignments.flatMap((assignment) => assignment.permissions.map((each) => ({ ...each, assignment })))
    this.#grants = Map.groupBy(grants, ({ permission }) => permission)
    this.#everywhere = new Set(grants.filter(isEverywhere).map(({ permission }) => permission))
    this.#endsAt = assignments.flatMap(({ expiresAt }) => expiresAt ?? []).toSorted()[0]
  }

  /** Of a key that is limited to these permissions and belongs to nobody. */
  static of(permissions: readonly string[]): Access {
    const role = { id: '', name: 'scopes' }
    const permits = permissions.map((permission) => ({ permission, condition: null }))
    return new Access([{ id: '', role, scope: { kind: 'tenant' }, expiresAt: null, permissions: permits }], new Map())
  }

  /** The same without what has ended by then. */
  at(now: string): Access {
    if (this.#endsAt === undefined || now < this.#endsAt) return this
    return new Access(
      this.assignments.filter(({ expiresAt }) => expiresAt === null || now < expiresAt),
      this.#resources,
    )
  }

  /** Only what is among these permissions, too. */
  limitedTo(permissions: readonly string[]): Access {
    const among = new Set(permissions)
    return new Access(
      this.assignments.map((each) => ({
        ...each,
        permissions: each.permissions.filter(({ permission }) => among.has(permission)),
      })),
      this.#resources,
    )
  }

  /** What is permitted in the whole tenant and without a condition. Only this can be passed on to others. */
  get everywhere(): ReadonlySet<string> {
    return this.#everywhere
  }

  /** What is permitted at least somewhere: what a page may offer. */
  get somewhere(): ReadonlySet<string> {
    return new Set(
      [...this.#grants].filter(([, grants]) => grants.some((grant) => this.#reaches(grant))).map(([name]) => name),
    )
  }

  /**
   * May the actor do this, to that record? `record` absent: to none, or to one that was not looked at yet, of which only
   * the name is known. True and false are final; undefined: it depends on what the record is.
   */
  may(permission: string, circumstances: Circumstances, about?: RecordName, record?: KnownRecord): boolean | undefined {
    if (this.#everywhere.has(permission)) return true
    let depends = false
    for (const grant of this.#grants.get(permission) ?? []) {
      const { obstacle } = this.#weigh(grant, circumstances, about, record)
      if (obstacle === undefined) return true
      depends ||= obstacle === 'unknown'
    }
    return depends ? undefined : false
  }

  /** Every grant of a permission with what keeps it from deciding the question, for the explanation. */
  weighed(permission: string, circumstances: Circumstances, record: KnownRecord | undefined): Weighed[] {
    return (this.#grants.get(permission) ?? []).map((grant) => {
      const { expiresAt } = grant.assignment
      if (expiresAt !== null && expiresAt <= circumstances.now) return { grant, obstacle: 'expired' }
      const { obstacle, clause } = this.#weigh(grant, circumstances, record?.lineage[0], record)
      return { grant, obstacle: obstacle === 'unknown' ? 'elsewhere' : obstacle, clause }
    })
  }

  /** The grants that reach some records of a kind, with all conditions settled that are not about the record. */
  grantsOnRecords(permission: string, circumstances: Circumstances): Grant[] {
    return (this.#grants.get(permission) ?? []).filter((grant) => {
      const unsettled = grant.condition?.filter((clause) => !isAboutRecord(clause)) ?? []
      return this.#reaches(grant) && !failedClause(unsettled, circumstances, undefined)
    })
  }

  /** Whether a grant can mean anything for records of its permission's kind. */
  #reaches({ permission, assignment: { scope } }: Grant): boolean {
    if (scope.kind === 'tenant') return true
    const lineage = lineageOf(this.#resources, resourceOf(permission))
    return scope.kind === 'record'
      ? lineage.includes(scope.resource)
      : lineage.some((each) => this.#resources.get(each)?.team !== undefined)
  }

  #weigh(
    grant: Grant,
    circumstances: Circumstances,
    about: RecordName | undefined,
    record: KnownRecord | undefined,
  ): { obstacle: Obstacle | 'unknown' | undefined; clause?: Condition[number] } {
    if (!this.#reaches(grant)) return { obstacle: 'elsewhere' }
    const settled = grant.condition?.filter((clause) => record !== undefined || !isAboutRecord(clause)) ?? []
    const clause = failedClause(settled, circumstances, record?.attributes)
    if (clause) return { obstacle: 'condition', clause }
    const { scope } = grant.assignment
    if (record) return { obstacle: includes(scope, record) ? undefined : 'elsewhere' }
    const isNamed = scope.kind === 'record' && about?.resource === scope.resource && about.id === scope.id
    const isSettled = settled.length === (grant.condition?.length ?? 0) && (scope.kind === 'tenant' || isNamed)
    return { obstacle: isSettled ? undefined : 'unknown' }
  }
}

/** Of whoever is no member, and of the platform's own handlers, which are asked nothing. */
export const noAccess = new Access([], new Map())

function isEverywhere({ condition, assignment }: Grant): boolean {
  return condition === null && assignment.scope.kind === 'tenant'
}

function includes(scope: Scope, { lineage }: KnownRecord): boolean {
  if (scope.kind === 'tenant') return true
  return lineage.some((each) =>
    scope.kind === 'team' ? each.team === scope.id : each.resource === scope.resource && each.id === scope.id,
  )
}

/** `project` of `project:read`. */
export function resourceOf(permission: string): string {
  return permission.slice(0, permission.indexOf(':'))
}
