import type { Tenant } from '#kernel/context'
import { compareCatalogue, compareSchema, expectedTables } from '#kernel/database/catalogue'
import type { Cell } from '#kernel/database/cell'
import { Databases, type DatabasesSettings } from '#kernel/database/databases'
import { messageOf } from '#kernel/database/fleet-survey'
import type { MigrationTarget } from '#kernel/database/migrator'
import { withClient } from '#kernel/database/prepare'
import { newId } from '#kernel/id'
import type { Module } from '#kernel/module'
import { isPreparedForSilos, tenantsOfOwnPlace } from '../migrate.ts'
import { type Attack, attacks, attacksOnControl } from './attacks.ts'
import { onStage, type Stage } from './scene.ts'

/** What was looked at and tried, and what came of it; in sentences, for somebody who decides whether to trust it. */
export interface IsolationReport {
  /** ISO 8601 */
  readonly at: string
  readonly release: string
  readonly holds: boolean
  readonly targets: readonly TargetFindings[]
}

export interface TargetFindings {
  /** `control`, `cell main`, `bridge <tenant>` … */
  readonly name: string
  readonly tables: number
  /** Where tables, policies, grants, keys, functions or roles are not as declared. */
  readonly differences: readonly string[]
  readonly attacks: readonly { readonly name: string; readonly got: readonly string[] }[]
}

export interface Verification {
  readonly settings: DatabasesSettings
  readonly modules: readonly Module[]
  readonly release: string
  /** Only this cell, with the tenants in it. Default: the control database and every cell. */
  readonly cell?: string | undefined
  /** Told of each target once it has been verified. */
  readonly progress?: (findings: TargetFindings) => void
}

/**
 * Compares every database and every schema of the installation with what the modules declare, then attacks each with
 * two tenants made up for it, in transactions that are rolled back.
 */
export async function verifyIsolation(verification: Verification): Promise<IsolationReport> {
  const { settings, modules, release, progress } = verification
  const databases = new Databases(settings)
  try {
    const targets: TargetFindings[] = []
    for await (const subject of subjectsIn(databases, cellsOf(databases, verification.cell), modules)) {
      // What cannot be looked at is not known to hold.
      const findings = await findingsOf(subject, modules).catch((error: Error) => unverified(subject, error))
      progress?.(findings)
      targets.push(findings)
    }
    const holds = targets.every(
      (target) => target.differences.length === 0 && target.attacks.every(({ got }) => got.length === 0),
    )
    return { at: new Date().toISOString(), release, holds, targets }
  } finally {
    await databases.end()
  }
}

function cellsOf(databases: Databases, name: string | undefined): readonly Cell[] {
  if (name === undefined) return databases.cells
  const cell = databases.cellNamed(name)
  if (cell) return [cell]
  throw new Error(`There is no cell "${name}". There is: ${databases.cells.map((each) => each.name).join(', ')}.`)
}

interface Subject {
  readonly target: MigrationTarget
  readonly kind: 'control' | 'cell' | 'bridge' | 'silo'
  /** Absent: nobody is served from there. Throws when the credential of a silo cannot be opened. */
  readonly stage?: () => Stage
  readonly attacks: readonly Attack[]
}

async function* subjectsIn(
  databases: Databases,
  cells: readonly Cell[],
  modules: readonly Module[],
): AsyncGenerator<Subject> {
  const stageOf = (cell: Cell, tenant?: Tenant) => () => ({ ...stageTables(modules), ...cell.servingLogin(tenant) })
  if (cells.length === databases.cells.length) {
    const stage = () => controlStage(databases, modules)
    yield { target: databases.controlTarget(), kind: 'control', stage, attacks: attacksOnControl }
  }
  for (const cell of cells) {
    yield { target: cell.poolTarget(), kind: 'cell', stage: stageOf(cell), attacks }
    if (await isPreparedForSilos(cell)) yield { target: cell.templateTarget(), kind: 'silo', attacks: [] }
  }
  for await (const tenant of tenantsOfOwnPlace(databases)) {
    const { cell: name, model } = tenant.placement
    const cell = cells.find((each) => each.name === name)
    const target = cell?.migrationTargetOf(tenant.id, tenant.placement)
    if (!cell || !target || tenant.state === 'provisioning' || tenant.state === 'purged') continue
    const own = stageOf(cell, tenant)
    yield { target, kind: model === 'bridge' ? 'bridge' : 'silo', stage: own, attacks }
  }
}

function stageTables(modules: readonly Module[]): Pick<Stage, 'tables' | 'readable'> {
  const expected = [...expectedTables('cell', modules)]
  const readable = expected.filter(([, { facts }]) => facts.privileges.includes('select'))
  return { tables: expected.map(([name]) => name), readable: readable.map(([name]) => name) }
}

function controlStage(databases: Databases, modules: readonly Module[]): Stage {
  const tables = [...expectedTables('control', modules)].map(([name, { schema }]) => `${schema}.${name}`)
  return { ...databases.directoryLogin(), tables, readable: [] }
}

function unverified({ target }: Subject, error: Error): TargetFindings {
  return { name: target.name, tables: 0, differences: [`it could not be verified: ${messageOf(error)}`], attacks: [] }
}

async function findingsOf(
  { target, kind, stage, attacks: tried }: Subject,
  modules: readonly Module[],
): Promise<TargetFindings> {
  const differences = await withClient(target.url, (client) =>
    kind === 'bridge' ? compareSchema(client, target.schema, modules) : compareCatalogue(client, kind, modules),
  )
  const tenants = { own: newId(), other: newId() }
  const outcomes = stage
    ? await onStage(
        stage(),
        tenants,
        tried.map((attack) => async (scene) => ({ name: attack.name, got: await attack.run(scene) })),
      )
    : []
  const tables = expectedTables(kind === 'control' ? 'control' : 'cell', modules).size
  return { name: target.name, tables, differences, attacks: outcomes }
}
