import pg from 'pg'
import { refuseOldServer, withClient } from './prepare.ts'

/** A server process whose migrator was killed ends this soon, instead of building an index for nobody. */
const clientCheckInterval = '2s'
const connectTimeoutMs = 10_000
/** What PostgreSQL remembers of every schema it touched stays with the connection: 1,000 of them hold 206 MB. */
const usesMax = 250

/** A connection for one target's migrations, closed at the end. Throws when the server is too old. */
export async function withMigrationClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  return withClient(url, async (client) => {
    await makeReady(client)
    return work(client)
  })
}

/** What one worker of a fleet has: a connection to one database at a time, kept while the next target is there, too. */
export class WorkerConnection {
  #client: pg.Client | undefined
  #url = ''
  #uses = 0

  async to(url: string): Promise<pg.Client> {
    if (this.#client && url === this.#url && this.#uses < usesMax) {
      this.#uses++
      return this.#client
    }
    await this.close()
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs })
    // A connection lost between two queries fails the next query; without a listener it would end the process.
    client.on('error', () => {})
    await client.connect()
    this.#client = client
    this.#url = url
    this.#uses = 1
    await makeReady(client)
    return client
  }

  /** Also after a failure: nobody knows what the server still does for the old connection. */
  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => {})
  }
}

async function makeReady(client: pg.Client): Promise<void> {
  await refuseOldServer(client)
  // Compiling a plan costs more than questions to the catalogue take.
  await client.query(`set client_connection_check_interval = '${clientCheckInterval}'; set jit = off`)
}
