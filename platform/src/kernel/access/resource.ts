/**
 * What the platform needs to know of a kind of record, so that roles can be given for single records or for what belongs
 * to a team, conditions can look at it, and what was deleted of it waits in the trash. Modules declare it in their
 * manifests; names of tables and columns are theirs.
 */
export interface ResourceFacts {
  readonly table: string
  /** The column with the id of the team that a record belongs to. */
  readonly team?: string
  /** The kind of record that each of these is part of, and the column with its id: who may do something there may here. */
  readonly parent?: { readonly resource: string; readonly column: string }
  /** Attributes that conditions may name, and their columns: text, uuid, number or boolean. */
  readonly attributes?: Readonly<Record<string, string>>
  /** Deleted ones wait in the trash, with all that is part of them. Absent: what is deleted is gone. */
  readonly trash?: TrashFacts
}

/** Its table has the columns `deleted_at`, `deleted_by`, `purge_after`, `updated_at` and `version`: see docs/trash.md. */
export interface TrashFacts {
  /** The column with what people know a record by. */
  readonly name: string
  /** Whether restoring one asks for another name when there is one of its name by then. */
  readonly asksForName?: true
}

export type Resources = ReadonlyMap<string, ResourceFacts>

/** Every declared kind of record, over all modules. Throws when one is declared twice or is part of one that is not. */
export function resourcesOf(
  modules: readonly { readonly resources: Readonly<Record<string, ResourceFacts>> }[],
): Resources {
  const resources = new Map<string, ResourceFacts>()
  for (const [name, facts] of modules.flatMap((module) => Object.entries(module.resources))) {
    if (resources.has(name)) throw new Error(`the resource ${name} is declared twice`)
    resources.set(name, facts)
  }
  for (const [name, { parent }] of resources) {
    if (parent && !resources.has(parent.resource))
      throw new Error(`${name} is part of ${parent.resource}, which nothing declares`)
    lineageOf(resources, name)
  }
  return resources
}

/** A kind of record and those that it is part of, the nearest first; empty when it is not declared. Throws on a circle. */
export function lineageOf(resources: Resources, name: string): string[] {
  const lineage: string[] = []
  for (let each: string | undefined = name; each !== undefined; each = resources.get(each)?.parent?.resource) {
    if (lineage.includes(each)) throw new Error(`${name} is part of itself`)
    if (!resources.has(each)) return lineage
    lineage.push(each)
  }
  return lineage
}
