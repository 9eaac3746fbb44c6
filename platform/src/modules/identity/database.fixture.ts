import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { Database } from '#kernel/database/database'
import { Transaction } from '#kernel/database/session'
import { noTenant, systemActor } from '#kernel/database/signed-context'
import { newId } from '#kernel/id'
import type { IdentityContext } from './provider.ts'

const deadlineAfterMs = 60_000

/** A database of its own for one test file, with the module's schema, reached as the identity role as in production. */
export class TestDatabase {
  readonly identity: Database
  /** As superuser, for looking behind the scenes. */
  readonly superuser: pg.Client
  readonly url: string
  readonly #name: string

  private constructor(name: string, superuser: pg.Client) {
    this.#name = name
    this.superuser = superuser
    this.url = urlOf(name, 'tenantry_identity')
    this.identity = new Database({
      name: 'control as identity',
      url: this.url,
      key: { id: 'test', secret: randomBytes(32) },
      connectionsMax: 12,
    })
  }

  static async create(): Promise<TestDatabase> {
    const name = `identity_${newId().replaceAll('-', '')}`
    await withClient(urlOf('postgres'), async (client) => {
      for (const role of [
        'tenantry_owner nologin',
        'tenantry_identity login',
        'tenantry_serving login',
        'tenantry_workers nologin',
      ]) {
        await client.query(
          `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then end $$`,
        )
      }
      await client.query(`create database ${name}`)
    })
    const superuser = new pg.Client(urlOf(name))
    await superuser.connect()
    // What prepareServer and the migrator do for the control database, for this module alone.
    await superuser.query(
      'create schema identity authorization tenantry_owner; grant usage on schema identity to tenantry_identity',
    )
    for (const name of migrations) await runMigration(superuser, name, 'up')
    return new TestDatabase(name, superuser)
  }

  /** Runs work in a transaction as the pipeline does: commits when it returns, rolls back when it throws. */
  async transact<Result>(work: (context: IdentityContext) => Promise<Result>, caller: Partial<IdentityContext> = {}) {
    const transaction = this.begin()
    try {
      const now = new Date().toISOString()
      const result = await work({ db: transaction, now, address: '192.0.2.7', userAgent: 'Test/1', ...caller })
      await transaction.commit([])
      return result
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  begin(): Transaction {
    return new Transaction({
      target: { database: this.identity },
      identity: { tenantId: noTenant, actorId: systemActor },
      deadlineMs: performance.now() + deadlineAfterMs,
    })
  }

  async rows(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.superuser.query(text, values)).rows
  }

  async drop(): Promise<void> {
    await this.identity.end()
    await this.superuser.end()
    await withClient(urlOf('postgres'), (client) => client.query(`drop database ${this.#name} with (force)`))
  }
}

/** In their order. */
export const migrations = [
  '0001_identity',
  '0002_second_factors',
  '0003_console_sessions',
  '0004_passkeys',
  '0005_known_devices',
  '0006_email_changes',
  '0007_account_recoveries',
]

export async function runMigration(client: pg.Client, name: string, direction: 'up' | 'down'): Promise<void> {
  const text = await readFile(path.join(import.meta.dirname, 'migrations', `${name}.${direction}.sql`), 'utf8')
  await client.query(`begin; set local role tenantry_owner; ${text}; commit`)
}

function urlOf(database: string, role?: string): string {
  const superuserUrl = process.env['TENANTRY_TEST_SUPERUSER_URL']
  if (!superuserUrl) throw new Error('TENANTRY_TEST_SUPERUSER_URL is not set: `npm test` sets it')
  const url = new URL(superuserUrl)
  url.pathname = `/${database}`
  if (role) url.searchParams.set('options', `-c role=${role}`)
  return url.href
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
