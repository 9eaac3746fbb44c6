import { type CleanedWhere, createAdapterFactory } from '@better-auth/core/db/adapter'
import type { Session } from '#kernel/database/session'
import { join, raw, type Sql, sql } from '#kernel/database/statement'

/**
 * Better Auth's view of the schema `identity`, through `db`, which sends to the transaction of the moment. Better Auth
 * begins and ends no transaction of its own here (`transaction: false` makes its calls run as they are), so its writes
 * stand or fall with the rows that the operation writes around them.
 *
 * Its fields in camel case are our columns in snake case; the kernel's row reader turns them back.
 */
export function identityAdapter(db: Statements) {
  return createAdapterFactory({
    config: { adapterId: 'tenantry', supportsDates: false, transaction: false },
    adapter: () => ({ ...readingMethods(db), ...writingMethods(db) }),
  })
}

type Statements = Pick<Session, 'all' | 'change'>

function readingMethods(db: Statements) {
  return {
    async findOne<Record>({ model, where, join: joined = {} }: { model: string; where: CleanedWhere[]; join?: Joins }) {
      const [row] = await db.all(sql`select * from ${table(model)} where ${conditions(where)} limit 1`)
      // Also for a row that is not there: an address without an account must cost what one with an account costs.
      for (const [other, { on, limit }] of Object.entries(joined)) {
        const rows = await db.all(sql`
          select * from ${table(other)} where ${column(on.to)} = ${row?.[on.from] ?? nobody} limit ${limit ?? rowsMax}`)
        if (row) row[other] = rows
      }
      return (row ?? null) as Record | null
    },

    async findMany<Record>({
      model,
      where = [],
      limit,
      offset = 0,
      sortBy,
      join: joined,
    }: FindMany): Promise<Record[]> {
      if (joined) throw new Error(`Better Auth asked for a list of ${model} with joins, which it has never needed`)
      const order = sortBy
        ? sql`order by ${column(sortBy.field)} ${raw(sortBy.direction === 'desc' ? 'desc' : 'asc')}`
        : sql``
      const rows = await db.all(sql`
        select * from ${table(model)} where ${conditions(where)} ${order} limit ${limit} offset ${offset}`)
      return rows as Record[]
    },

    async count({ model, where = [] }: { model: string; where?: CleanedWhere[] }): Promise<number> {
      const [row] = await db.all<{ count: number }>(sql`
        select count(*) as count from ${table(model)} where ${conditions(where)}`)
      return row?.count ?? 0
    },
  }
}

function writingMethods(db: Statements) {
  return {
    async create<Record>({ model, data }: { model: string; data: Record }): Promise<Record> {
      const entries = Object.entries(data as object)
      const [row] = await db.all(sql`
        insert into ${table(model)} (${join(entries.map(([field]) => column(field)))})
        values (${join(entries.map(([, value]) => value))}) returning *`)
      return row as Record
    },

    async update<Record>({ model, where, update }: { model: string; where: CleanedWhere[]; update: Record }) {
      const [row] = await db.all(sql`
        update ${table(model)} set ${assignments(update as object)} where ${conditions(where)} returning *`)
      return (row ?? null) as Record | null
    },

    updateMany({ model, where, update }: { model: string; where: CleanedWhere[]; update: object }): Promise<number> {
      return db.change(sql`update ${table(model)} set ${assignments(update)} where ${conditions(where)}`)
    },

    async delete({ model, where }: { model: string; where: CleanedWhere[] }): Promise<void> {
      await db.change(sql`delete from ${table(model)} where ${conditions(where)}`)
    },

    deleteMany({ model, where }: { model: string; where: CleanedWhere[] }): Promise<number> {
      return db.change(sql`delete from ${table(model)} where ${conditions(where)}`)
    },

    /** Deletes and returns one row: of two that ask at the same time, one gets it. */
    async consumeOne<Record>({ model, where }: { model: string; where: CleanedWhere[] }): Promise<Record | null> {
      const [row] = await db.all(sql`
        delete from ${table(model)} where id = (select id from ${table(model)} where ${conditions(where)} limit 1) returning *`)
      return (row ?? null) as Record | null
    },
  }
}

type Joins = Record<string, { on: { from: string; to: string }; limit?: number }>

interface FindMany {
  model: string
  where?: CleanedWhere[]
  limit: number
  offset?: number
  sortBy?: { field: string; direction: 'asc' | 'desc' }
  join?: Joins
}

const rowsMax = 100
const nobody = '00000000-0000-0000-0000-000000000000'

function conditions(where: readonly CleanedWhere[]): Sql {
  return where.length === 0 ? sql`true` : join(where.map(condition), ' and ')
}

const comparisons: Partial<Record<CleanedWhere['operator'], Sql>> = {
  eq: sql`=`,
  ne: sql`<>`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
}

/** What Better Auth's own routes ask for; anything else fails aloud rather than matching too much. */
function condition({ field, operator, value, connector, mode }: CleanedWhere): Sql {
  const comparison = comparisons[operator]
  if (!comparison || value === null || connector !== 'AND' || mode !== 'sensitive') {
    throw new Error(`Better Auth asked for an unknown condition: ${connector} ${field} ${operator} (${mode})`)
  }
  return sql`${column(field)} ${comparison} ${value}`
}

function assignments(update: object): Sql {
  return join(Object.entries(update).map(([field, value]) => sql`${column(field)} = ${value}`))
}

function table(model: string): Sql {
  return sql`identity.${raw(identifier(model))}`
}

/** `emailVerified` → `email_verified`. */
function column(field: string): Sql {
  return raw(identifier(field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)))
}

function identifier(name: string): string {
  if (!/^[a-z][a-z_]*$/.test(name)) throw new Error(`Better Auth named "${name}", which is no table or column of ours`)
  return name
}
