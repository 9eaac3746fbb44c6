import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareBinaries } from '../../platform/src/adapters/embedded-postgres/binaries.ts'
import type { ClusterLocation } from '../../platform/src/adapters/embedded-postgres/cluster-location.ts'
import { choosePort } from '../../platform/src/adapters/embedded-postgres/port.ts'
import { type Postmaster, startPostmaster } from '../../platform/src/adapters/embedded-postgres/postmaster.ts'
import { untilReady } from '../../platform/src/adapters/embedded-postgres/readiness.ts'
import { serverAccount } from '../../platform/src/adapters/embedded-postgres/server-account.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { until } from '../until.ts'

/** What a copy of a running server's folder leaves out (PostgreSQL's manual, "Backing Up the Data Directory"). */
const leftOut = ['postmaster.pid', 'postmaster.opts', 'pg_wal/*', 'pg_replslot/*', 'pg_dynshmem/*', 'pg_stat_tmp/*']

/** A read-only copy of an embedded PostgreSQL that follows it by streaming replication, on a port of its own. */
export class Standby {
  readonly superuserUrl: string
  readonly #primaryUrl: string
  readonly #slot: string
  readonly #folder: string
  readonly #server: Postmaster

  private constructor(primaryUrl: string, superuserUrl: string, slot: string, folder: string, server: Postmaster) {
    this.#primaryUrl = primaryUrl
    this.superuserUrl = superuserUrl
    this.#slot = slot
    this.#folder = folder
    this.#server = server
  }

  /** Copies the server while it runs, and resolves when the copy takes connections. */
  static async of(primaryUrl: string): Promise<Standby> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-standby-'))
    // As root, PostgreSQL runs under another account, which must be able to enter.
    await chmod(folder, 0o755)
    const [primary] = await rowsOf(primaryUrl, 'show data_directory')
    const primaryCluster = String(primary?.['data_directory'])
    const location: ClusterLocation = {
      dataFolder: folder,
      home: folder,
      cluster: join(folder, 'cluster'),
      binaryCopies: join(folder, 'binaries'),
      account: serverAccount(primaryCluster),
    }
    const slot = `standby_${newId().replaceAll('-', '')}`
    await rowsOf(primaryUrl, 'select pg_create_physical_replication_slot($1, true)', [slot])
    await copyCluster(primaryUrl, primaryCluster, location)
    await follow(primaryUrl, slot, location)
    const port = await choosePort(folder, undefined)
    const url = new URL(primaryUrl)
    url.port = String(port)
    const binaries = prepareBinaries(location, () => {})
    const server = startPostmaster(location, binaries, port, 'none')
    const standby = new Standby(primaryUrl, url.href, slot, folder, server)
    await untilReady(server, url.href, () => {}, undefined).catch(async (error: unknown) => {
      await standby.stop()
      throw error
    })
    return standby
  }

  /** The same database, by the same role, on the copy. */
  on(url: string): string {
    const changed = new URL(url)
    changed.port = new URL(this.superuserUrl).port
    return changed.href
  }

  /** Holds back everything that the other server writes from now on. */
  async pause(): Promise<void> {
    await rowsOf(this.superuserUrl, 'select pg_wal_replay_pause()')
    const state = "select from (select pg_get_wal_replay_pause_state() as state) s where state = 'paused'"
    await until('nothing is replayed', async () => (await rowsOf(this.superuserUrl, state)).length > 0)
  }

  async resume(): Promise<void> {
    await rowsOf(this.superuserUrl, 'select pg_wal_replay_resume()')
  }

  /** Resolves when everything that is written on the other server now can be read on this one. */
  async caughtUp(): Promise<void> {
    const [written] = await rowsOf(this.#primaryUrl, 'select pg_current_wal_insert_lsn()::text as lsn')
    const replayed = 'select from (select pg_last_wal_replay_lsn() as lsn) s where lsn >= $1::pg_lsn'
    await until('the standby has caught up', async () => {
      return (await rowsOf(this.superuserUrl, replayed, [written?.['lsn']])).length > 0
    })
  }

  async stop(): Promise<void> {
    await this.#server.stop()
    const gone =
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active'
    await until('its slot is gone', async () => (await rowsOf(this.#primaryUrl, gone, [this.#slot])).length > 0)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function copyCluster(primaryUrl: string, primaryCluster: string, location: ClusterLocation): Promise<void> {
  const { cluster, account } = location
  await mkdir(cluster, { mode: 0o700 })
  if (account) await chown(cluster, account.uid, account.gid)
  await withClient(primaryUrl, async (client) => {
    await client.query("select pg_backup_start('standby', true)")
    const exclusions = leftOut.map((path) => `--exclude=./${path}`)
    const copy = 'to=$1; shift; tar -C "$0" -cf - "$@" . | tar -C "$to" -xpf -'
    const { status, stderr } = spawnSync('sh', ['-c', copy, primaryCluster, cluster, ...exclusions], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the data folder cannot be copied: ${stderr}`)
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    await writeInto(location, 'backup_label', rows[0]?.labelfile ?? '')
  })
}

async function follow(primaryUrl: string, slot: string, location: ClusterLocation): Promise<void> {
  const { hostname, port, username, password } = new URL(primaryUrl)
  const settings = `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'
primary_slot_name = '${slot}'
`
  await writeInto(location, 'postgresql.auto.conf', settings)
  await writeInto(location, 'standby.signal', '')
}

async function writeInto({ cluster, account }: ClusterLocation, name: string, text: string): Promise<void> {
  await writeFile(join(cluster, name), text, { mode: 0o600 })
  if (account) await chown(join(cluster, name), account.uid, account.gid)
}
