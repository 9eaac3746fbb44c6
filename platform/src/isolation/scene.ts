import type pg from 'pg'
import { withClient } from '#kernel/database/prepare'
import { sqlState } from '#kernel/database/server-error'
import { searchPath } from '#kernel/database/session'
import { ContextSigner, type Identity, type SigningKey, systemActor } from '#kernel/database/signed-context'

/** Where an attack takes place: one schema, entered with the login that serves it. */
export interface Stage {
  readonly url: string
  readonly schema: string
  readonly key: SigningKey
  /** Tables that the login may read rows of, and all of them. */
  readonly readable: readonly string[]
  readonly tables: readonly string[]
}

/** What a statement did: how many rows it gave or changed, or the SQLSTATE of its refusal. */
export type Outcome = { readonly rows: number } | { readonly refused: string }

/** One transaction on a stage, of two tenants that nobody else knows; it is rolled back at its end. */
export class Scene {
  readonly stage: Stage
  /** Whom the attacker works for, and whose rows they are after. */
  readonly own: string
  readonly other: string
  readonly #client: pg.ClientBase
  readonly #nowMs: number

  constructor(parts: { stage: Stage; own: string; other: string; client: pg.ClientBase; nowMs: number }) {
    this.stage = parts.stage
    this.own = parts.own
    this.other = parts.other
    this.#client = parts.client
    this.#nowMs = parts.nowMs
  }

  /** A failure leaves the transaction as it was. */
  async try(text: string, values: unknown[] = []): Promise<Outcome> {
    await this.#client.query('savepoint attempt')
    try {
      const { rows, rowCount } = await this.#client.query(text, values)
      return { rows: Math.max(rows.length, rowCount ?? 0) }
    } catch (error) {
      const refused = sqlState(error)
      if (refused === undefined) throw error
      await this.#client.query('rollback to savepoint attempt')
      return { refused }
    }
  }

  /** A context as the application signs it; `ageMs` ago, by the database's clock. */
  contextOf(tenantId: string, ageMs = 0): string {
    const identity: Identity = { tenantId, actorId: systemActor }
    return new ContextSigner(this.stage.key, () => this.#nowMs - ageMs).sign(identity)
  }

  async enter(context: string): Promise<void> {
    await this.#client.query("select set_config('app.context', $1, true)", [context])
  }
}

/** Plays on a stage, each part in a transaction of its own. */
export async function onStage<Result>(
  stage: Stage,
  tenants: { own: string; other: string },
  parts: readonly ((scene: Scene) => Promise<Result>)[],
): Promise<Result[]> {
  return withClient(stage.url, async (client) => {
    const results: Result[] = []
    for (const part of parts) {
      await client.query('begin')
      try {
        const { rows } = await client.query<{ ms: string }>(
          "select date_part('epoch', clock_timestamp()) * 1000 as ms, set_config('search_path', $1, true)",
          [searchPath(stage.schema)],
        )
        results.push(await part(new Scene({ stage, ...tenants, client, nowMs: Number(rows[0]?.ms) })))
      } finally {
        await client.query('rollback')
      }
    }
    return results
  })
}
