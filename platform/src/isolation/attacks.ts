import { newId } from '#kernel/id'
import type { Outcome, Scene } from './scene.ts'

/** What somebody who controls the statements of one tenant could try. */
export interface Attack {
  readonly name: string
  /** What the attacker got, in a sentence each; nothing when it was repelled. */
  run(scene: Scene): Promise<string[]>
}

const forbidden = '42501'
const contextRefusals = ['TNC01', 'TNC02', 'TNC03']
const longAgoMs = 3_600_000

export const attacks: readonly Attack[] = [
  { name: 'reads every table without a context', run: (scene) => readAll(scene) },
  { name: 'reads every table under a forged context', run: (scene) => readUnder(scene, forged(scene)) },
  { name: "reads every table under its own context, altered to another tenant's", run: readAltered },
  { name: 'reads every table under a context that has expired', run: readExpired },
  { name: 'reads rows of others under its own context', run: readOthers },
  { name: 'changes and deletes rows of others under its own context', run: changeOthers },
  { name: 'reads, in the same transaction, what another tenant has just written', run: readCanary },
  { name: 'writes a row for another tenant', run: writeForOther },
  { name: 'sets a context of its own making, to read what another tenant has just written', run: injectContext },
  { name: 'reads with row security switched off', run: switchOff },
  { name: 'becomes another role', run: (scene) => allForbidden(scene, otherRoles) },
  { name: 'reads keys and ledger', run: (scene) => allForbidden(scene, machinery) },
  { name: 'empties, alters and creates tables', run: (scene) => allForbidden(scene, changesOfSchema(scene)) },
]

/** As the serving role in the control database. */
export const attacksOnControl: readonly Attack[] = [
  { name: 'reads accounts, directory and the record of the control database', run: readControl },
  { name: 'becomes another role', run: (scene) => allForbidden(scene, otherRoles) },
]

const otherRoles = [
  'set role tenantry_owner',
  'set role tenantry_migrator',
  "select set_config('role', 'tenantry_owner', true)",
  'set session authorization tenantry_owner',
]
const machinery = [
  'select * from tenancy.signing_keys',
  'select * from migrations.ledger',
  'select * from tenancy.bells',
]

function changesOfSchema({ stage }: Scene): string[] {
  const ofTables = stage.tables.flatMap((table) => [
    `truncate ${table}`,
    `alter table ${table} disable row level security`,
    `drop table ${table}`,
  ])
  return [...ofTables, 'create table taken (id int)', 'create temp table taken (id int)', 'create schema taken']
}

/** Rows are a breach, and so is an error that is not the expected one: then nobody knows what would have happened. */
function breach(what: string, outcome: Outcome, refusals: readonly string[]): string[] {
  if ('rows' in outcome) return outcome.rows > 0 ? [`${what}: ${outcome.rows} rows`] : []
  return refusals.includes(outcome.refused) ? [] : [`${what}: failed with ${outcome.refused}, which proves nothing`]
}

async function readAll(scene: Scene): Promise<string[]> {
  const got: string[] = []
  for (const table of scene.stage.readable)
    got.push(...breach(table, await scene.try(`select from ${table} limit 1`), contextRefusals))
  return got
}

async function readUnder(scene: Scene, context: string): Promise<string[]> {
  await scene.enter(context)
  return readAll(scene)
}

function forged({ other }: Scene): string {
  return `${'0'.repeat(8)}.${other}.${newId()}.9999999999999.${'0'.repeat(64)}`
}

function readAltered(scene: Scene): Promise<string[]> {
  return readUnder(scene, scene.contextOf(scene.own).replace(scene.own, scene.other))
}

function readExpired(scene: Scene): Promise<string[]> {
  return readUnder(scene, scene.contextOf(scene.own, longAgoMs))
}

async function readOthers(scene: Scene): Promise<string[]> {
  await scene.enter(scene.contextOf(scene.own))
  const got: string[] = []
  for (const table of scene.stage.readable) {
    const outcome = await scene.try(`select from ${table} where tenant_id <> $1 limit 1`, [scene.own])
    got.push(...breach(table, outcome, contextRefusals))
  }
  return got
}

async function changeOthers(scene: Scene): Promise<string[]> {
  await scene.enter(scene.contextOf(scene.own))
  const got: string[] = []
  for (const table of scene.stage.tables)
    for (const statement of [`update ${table} set tenant_id = tenant_id`, `delete from ${table}`]) {
      const outcome = await scene.try(`${statement} where tenant_id <> $1`, [scene.own])
      got.push(...breach(statement, outcome, [forbidden, ...contextRefusals]))
    }
  return got
}

const canarySql = `insert into audit_events
  (tenant_id, id, at, event, operation, via, actor_kind, actor_id, resource_kind, resource_id, request_id, values_digest)
  values ($1, $2, now(), 'isolation.attacked', 'isolation', 'command', 'system', $2, 'isolation', $2, 'isolation',
    sha256('canary'))`

async function readCanary(scene: Scene): Promise<string[]> {
  await scene.enter(scene.contextOf(scene.other))
  const written = await scene.try(canarySql, [scene.other, newId()])
  if (!('rows' in written)) return [`its own canary could not be written: ${written.refused}`]
  const seen = await scene.try('select from audit_events where tenant_id = $1', [scene.other])
  if (!('rows' in seen) || seen.rows !== 1)
    return ['whoever wrote the canary does not see it, so that its absence proves nothing']
  await scene.enter(scene.contextOf(scene.own))
  return breach('audit_events', await scene.try('select from audit_events where tenant_id = $1', [scene.other]), [])
}

async function writeForOther(scene: Scene): Promise<string[]> {
  await scene.enter(scene.contextOf(scene.own))
  return breach('audit_events', await scene.try(canarySql, [scene.other, newId()]), [forbidden])
}

const injections = [
  `with injected as materialized (select set_config('app.context', $1, true))
    select from injected, audit_events where tenant_id = $2`,
  "select from audit_events where tenant_id = $2 order by set_config('app.context', $1, true)",
]

/** Inside the query that reads, and by a statement of its own before it. */
async function injectContext(scene: Scene): Promise<string[]> {
  await scene.enter(scene.contextOf(scene.other))
  await scene.try(canarySql, [scene.other, newId()])
  const got: string[] = []
  for (const injection of injections) {
    await scene.enter(scene.contextOf(scene.own))
    const outcome = await scene.try(injection, [forged(scene), scene.other])
    got.push(...breach('audit_events', outcome, contextRefusals))
  }
  await scene.enter(forged(scene))
  const outcome = await scene.try('select from audit_events where tenant_id = $1', [scene.other])
  return [...got, ...breach('audit_events', outcome, contextRefusals)]
}

async function switchOff(scene: Scene): Promise<string[]> {
  await scene.enter(scene.contextOf(scene.own))
  await scene.try('set local row_security = off')
  const got: string[] = []
  for (const table of scene.stage.readable)
    got.push(...breach(table, await scene.try(`select from ${table} limit 1`), [forbidden]))
  return got
}

async function readControl(scene: Scene): Promise<string[]> {
  return allForbidden(
    scene,
    scene.stage.tables.map((table) => `select from ${table} limit 1`),
  )
}

/** Each must be refused for want of a right, also where it would have found nothing. */
async function allForbidden(scene: Scene, statements: readonly string[]): Promise<string[]> {
  const got: string[] = []
  for (const statement of statements) {
    const outcome = await scene.try(statement)
    if ('rows' in outcome) got.push(`${statement}: done`)
    else got.push(...breach(statement, outcome, [forbidden]))
  }
  return got
}
