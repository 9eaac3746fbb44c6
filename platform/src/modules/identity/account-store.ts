import type { OpenCtx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import { hasSecondFactor } from './second-factor-store.ts'

/** An account as those see it who run the platform. */
export interface AccountRecord {
  id: string
  email: string
  name: string
  emailVerified: boolean
  hasSecondFactor: boolean
  createdAt: string
}

const columns = sql`id, email, name, email_verified, created_at,
  ${hasSecondFactor(sql`u.id`)} as has_second_factor`

/** `search`: a part of the address or of the name, in whatever case, or how the id begins. Every line is looked at. */
export async function listAccounts(ctx: OpenCtx, page: Page, search: string | undefined): Promise<AccountRecord[]> {
  const text = search?.trim() || undefined
  const conditions = filterSql([
    text !== undefined &&
      sql`(position(lower(${text}::text) in email) > 0 or position(lower(${text}::text) in lower(name)) > 0
        or starts_with(id::text, lower(${text}::text)))`,
  ])
  return ctx.db.all(sql`select ${columns} from identity.users u where true ${conditions}
    ${pageSql(page, { createdAt: 'created_at', email: 'email' })}`)
}

export async function findAccount(ctx: OpenCtx, id: string): Promise<AccountRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from identity.users u where id = ${id}`)
}
