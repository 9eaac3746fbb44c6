import type { KnownRecord, RecordName } from '#kernel/access/access'
import { knownRecord } from '#kernel/access/record-sql'
import type { Ctx } from '#kernel/context'
import { catalogue } from './ports.ts'

/** What access knows of a record here, deleted ones included; undefined when there is none. */
export function recordIn(ctx: Ctx, name: RecordName): Promise<KnownRecord | undefined> {
  return knownRecord(ctx.db, ctx.port(catalogue).resources, ctx.tenant.id, name)
}
