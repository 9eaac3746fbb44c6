import type { Ctx } from '#kernel/context'
import { planOf } from '#kernel/module'
import { catalogue, withdrawRolesOn } from '#modules/access'
import { plans } from '#modules/tenants'
import { nameNotConfirmed, nameTaken } from './failures.ts'
import { deleteRows, isNameTaken, partsOf, type TrashKind, writeDeleted, writeRestored } from './store.ts'

/**
 * What operations of any module do with its records that have a trash. They have locked the record before, and record
 * afterwards what was done. What is part of a record is not touched: it is not shown while that is in the trash, so it
 * comes back as it was, and what was deleted before stays deleted.
 */

const dayMs = 86_400_000

/** Kinds of records that have a trash, in the order in which modules declare them. */
export function trashKinds(ctx: Ctx): TrashKind[] {
  return [...ctx.port(catalogue).resources].flatMap(([resource, facts]) =>
    facts.trash ? [{ ...facts, resource, trash: facts.trash }] : [],
  )
}

function kindOf(ctx: Ctx, resource: string): TrashKind {
  const kind = trashKinds(ctx).find((each) => each.resource === resource)
  if (!kind) throw new Error(`the manifest of ${resource} declares no trash`)
  return kind
}

/** Days that what is deleted now waits, by the tenant's plan. */
export function trashDays(ctx: Ctx): number {
  return planOf(ctx.port(plans), ctx.tenant.plan).trashDays
}

/** Deletes a record, and all that is part of it, so that it can be restored. Gives what has changed of it. */
export async function moveToTrash(
  ctx: Ctx,
  resource: string,
  { id }: { id: string },
): Promise<{ deletedAt: string; updatedAt: string; version: number }> {
  const purgeAfter = new Date(Date.parse(ctx.now) + trashDays(ctx) * dayMs).toISOString()
  const version = await writeDeleted(ctx, kindOf(ctx, resource), id, purgeAfter)
  return { deletedAt: ctx.now, updatedAt: ctx.now, version }
}

/**
 * Restores a record, under another name where one is given. Gives what has changed of it. Fails with `trash.name_taken`
 * when its kind asks for a name, none is given, and there is another record of its name by now.
 */
export async function takeFromTrash(
  ctx: Ctx,
  resource: string,
  { id }: { id: string },
  name?: string,
): Promise<{ deletedAt: null; updatedAt: string; version: number }> {
  const kind = kindOf(ctx, resource)
  if (kind.trash.asksForName && name === undefined && (await isNameTaken(ctx, kind, id)))
    ctx.fail(nameTaken, { errors: [{ pointer: '#/name', code: 'taken', detail: nameTaken.title }] })
  return { deletedAt: null, updatedAt: ctx.now, version: await writeRestored(ctx, kind, id, name) }
}

/**
 * Deletes a record for good, with all that is part of it and the roles that were given for any of it. Fails with
 * `trash.name_not_confirmed` when what was typed is not its name.
 */
export async function purge(
  ctx: Ctx,
  resource: string,
  { id, name }: { id: string; name: string },
  confirm: string,
): Promise<void> {
  if (confirm !== name)
    ctx.fail(nameNotConfirmed, {
      errors: [{ pointer: '#/confirm', code: 'mismatch', detail: nameNotConfirmed.title }],
    })
  await deleteWithParts(ctx, resource, [id])
}

async function deleteWithParts(ctx: Ctx, resource: string, ids: readonly string[]): Promise<void> {
  const { resources } = ctx.port(catalogue)
  const facts = resources.get(resource)
  if (!facts || ids.length === 0) return
  for (const [name, part] of resources)
    if (part.parent?.resource === resource) await deleteWithParts(ctx, name, await partsOf(ctx, part, ids))
  await withdrawRolesOn(ctx, resource, ids)
  await deleteRows(ctx, facts, ids)
}
