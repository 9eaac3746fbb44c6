import { compareCatalogue, compareSchema, expectedTables } from '#kernel/database/catalogue'
import { Databases, type DatabasesSettings } from '#kernel/database/databases'
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
    for await (const subject of subjectsIn(databases, modules)) {
      const findings = await findingsOf(subject, modules)
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

interface Subject {
  readonly target: MigrationTarget
  readonly kind: 'control' | 'cell' | 'bridge' | 'silo'
  readonly stage?: Stage
  readonly attacks: readonly Attack[]
}

async function* subjectsIn(databases: Databases, modules: readonly Module[]): AsyncGenerator<Subject> {
  const [control, cell] = databases.migrationTargets() as [MigrationTarget, MigrationTarget]
  const stage = { ...stageTables(modules), ...databases.servingLogin() }
  yield { target: control, kind: 'control', stage: controlStage(databases, modules), attacks: attacksOnControl }
  yield { target: cell, kind: 'cell', stage, attacks }
  if (await isPreparedForSilos(databases)) yield { target: databases.templateTarget(), kind: 'silo', attacks: [] }
  for await (const tenant of tenantsOfOwnPlace(databases)) {
    const target = databases.migrationTargetOf(tenant.id, tenant.placement)
    if (!target || tenant.state === 'provisioning') continue
    const { model } = tenant.placement
    const own = { ...stageTables(modules), ...databases.servingLogin(tenant) }
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
        stage,
        tenants,
        tried.map((attack) => async (scene) => ({ name: attack.name, got: await attack.run(scene) })),
      )
    : []
  const tables = expectedTables(kind === 'control' ? 'control' : 'cell', modules).size
  return { name: target.name, tables, differences, attacks: outcomes }
}
