import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import {
  actors,
  cleanUp,
  end,
  endAll,
  eventually,
  installedBinaries,
  launch,
  newFolder,
  ordinaryUser,
  postmasterPid,
  processesOf,
  query,
  ready,
  refused,
} from './launcher.fixture.ts'

afterEach(endAll)
after(cleanUp)

for (const actor of actors) {
  describe(`embedded PostgreSQL, started by ${actor.name}`, () => {
    test('the first start makes a cluster that is UTF-8, has checksums and asks for a password', async () => {
      const server = launch(actor, { dataFolder: join(newFolder(actor), 'new') })
      const { superuserUrl, dataFolder } = await ready(server)

      const settings = await query<{ name: string; setting: string }>(
        superuserUrl,
        'SELECT name, setting FROM pg_settings',
      )
      const setting = Object.fromEntries(settings.map((row) => [row.name, row.setting]))
      assert.equal(setting.server_encoding, 'UTF8')
      assert.equal(setting.data_checksums, 'on')
      assert.equal(setting.listen_addresses, '127.0.0.1')
      assert.equal(setting.unix_socket_directories, '')
      assert.equal(setting.TimeZone, 'UTC')
      assert.equal(setting.fsync, 'on')
      assert.equal(setting.shared_preload_libraries, 'pg_stat_statements')
      const [locale] = await query(
        superuserUrl,
        "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'postgres'",
      )
      assert.deepEqual(locale, { datlocprovider: 'b', datlocale: 'C.UTF-8' })

      const wrong = superuserUrl.replace(/:[^:@]+@/, ':guess@')
      await assert.rejects(query(wrong, 'SELECT 1'), { code: '28P01' })
      assert.equal(statSync(join(dirname(dataFolder), 'superuser-password')).mode & 0o777, 0o600)
    })

    test('a stop leaves no process, and the next start has the same address and data', async () => {
      const dataFolder = newFolder(actor)
      const first = launch(actor, { dataFolder })
      const before = await ready(first)
      await query(before.superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS value')
      await end(first, 'SIGTERM')
      assert.deepEqual(processesOf(before.dataFolder), [])

      const startedAt = performance.now()
      const again = await ready(launch(actor, { dataFolder }))
      assert.ok(performance.now() - startedAt < 3_000)
      assert.equal(again.superuserUrl, before.superuserUrl)
      assert.deepEqual(await query(again.superuserUrl, 'SELECT value FROM kept'), [{ value: 42 }])
    })

    test('kill -9 of the launcher ends the server, and the next start has every committed row', async () => {
      const dataFolder = newFolder(actor)
      const killed = launch(actor, { dataFolder })
      const { superuserUrl, dataFolder: cluster } = await ready(killed)
      await query(superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS value')
      await end(killed, 'SIGKILL')
      await eventually('the server has ended by itself', () => processesOf(cluster).length === 0)

      const again = await ready(launch(actor, { dataFolder }))
      assert.deepEqual(await query(again.superuserUrl, 'SELECT value FROM kept'), [{ value: 42 }])
    })

    test('a start right after kill -9 of launcher and guard stops the server they left and starts its own', async () => {
      const dataFolder = newFolder(actor)
      const killed = launch(actor, { dataFolder })
      const { superuserUrl, dataFolder: cluster } = await ready(killed)
      await query(superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS value')
      const orphan = postmasterPid(cluster)
      const guard = execFileSync('pgrep', ['-f', `kill -INT "\\$0" ${orphan}$`], { encoding: 'utf8' })
      process.kill(Number(guard), 'SIGKILL')
      await end(killed, 'SIGKILL')
      assert.ok(processesOf(cluster).length > 0)

      const again = await ready(launch(actor, { dataFolder }))
      assert.notEqual(postmasterPid(cluster), orphan)
      assert.deepEqual(await query(again.superuserUrl, 'SELECT value FROM kept'), [{ value: 42 }])
    })

    test('kill -9 of the server under load: it is back on the same port within 10 s', async () => {
      const server = launch(actor, { dataFolder: newFolder(actor) })
      const { superuserUrl, dataFolder: cluster } = await ready(server)
      await query(superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS value')
      const endless = assert.rejects(query(superuserUrl, 'SELECT count(*) FROM generate_series(1, 1e10)'))
      const victim = postmasterPid(cluster)
      process.kill(victim, 'SIGKILL')

      const answers = (): Promise<boolean> =>
        query(superuserUrl, 'SELECT 1').then(
          () => true,
          () => false,
        )
      await eventually('the server answers again', async () => (await answers()) && postmasterPid(cluster) !== victim)
      await endless
      assert.deepEqual(await query(superuserUrl, 'SELECT value FROM kept'), [{ value: 42 }])
      const told = async () => /ended unexpectedly[^]*runs again/.test(server.progress.join('\n'))
      await eventually('the launcher says what happened', told)
    })

    test('kill -9 while the cluster is being made: the next start makes it', async () => {
      const dataFolder = newFolder(actor)
      const killed = launch(actor, { dataFolder })
      await eventually('initdb works', () =>
        readdirSync(dataFolder).some((name) => name.startsWith('cluster-unfinished-')),
      )
      await end(killed, 'SIGKILL')
      assert.ok(!existsSync(join(dataFolder, 'cluster')))

      await query((await ready(launch(actor, { dataFolder }))).superuserUrl, 'SELECT 1')
      assert.deepEqual(
        readdirSync(dataFolder).filter((name) => name.startsWith('cluster-')),
        [],
      )
    })

    test('a note of a process number that another process has by now does not stop the start', async () => {
      const dataFolder = newFolder(actor)
      const first = launch(actor, { dataFolder })
      const { dataFolder: cluster } = await ready(first)
      const note = readFileSync(join(cluster, 'postmaster.pid'), 'utf8')
      await end(first, 'SIGTERM')
      const other = launch(actor, { dataFolder: newFolder(actor) })
      const livingPostgres = postmasterPid((await ready(other)).dataFolder)
      writeFileSync(join(cluster, 'postmaster.pid'), note.replace(/^\d+/, `${livingPostgres}`))

      await ready(launch(actor, { dataFolder }))
      assert.equal(other.process.exitCode, null)
      assert.ok(processesOf(cluster).length > 0)
    })

    test('two at once on one data folder: one serves, the other names the process that does', async () => {
      const dataFolder = newFolder(actor)
      const both = [launch(actor, { dataFolder }), launch(actor, { dataFolder })]
      const outcomes = await Promise.all(both.map((launcher) => launcher.outcome))
      const serving = both[outcomes.findIndex(({ event }) => event === 'ready')]
      const refusal = outcomes.find((outcome) => outcome.event === 'refused')
      assert.equal(refusal?.code, 'data_folder_in_use')
      assert.match(refusal.message, new RegExp(`process ${serving?.process.pid}\\b`))
    })

    test('two data folders at once: two servers', async () => {
      const both = [launch(actor, { dataFolder: newFolder(actor) }), launch(actor, { dataFolder: newFolder(actor) })]
      const [one, two] = await Promise.all(both.map(ready))
      assert.notEqual(one?.port, two?.port)
    })

    test('a cluster of another PostgreSQL major is refused and stays as it is', async () => {
      const dataFolder = newFolder(actor)
      const first = launch(actor, { dataFolder })
      const { dataFolder: cluster } = await ready(first)
      await end(first, 'SIGTERM')
      writeFileSync(join(cluster, 'PG_VERSION'), '17\n')
      const before = fingerprint(cluster)

      const refusal = await refused(launch(actor, { dataFolder }))
      assert.equal(refusal.code, 'data_folder_of_another_version')
      assert.match(refusal.message, /PostgreSQL 17.*PostgreSQL 18/)
      assert.deepEqual(fingerprint(cluster), before)
    })

    test('a port that was asked for and is taken is refused with the process that has it', async () => {
      const holder = createServer()
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
      const { port } = holder.address() as AddressInfo
      const refusal = await refused(launch(actor, { dataFolder: newFolder(actor), port }))
      holder.close()
      assert.equal(refusal.code, 'port_in_use')
      assert.match(refusal.message, new RegExp(`Port ${port} is taken`))
    })

    test('a remembered port that is taken is replaced by another', async () => {
      const dataFolder = newFolder(actor)
      const first = launch(actor, { dataFolder })
      const { port } = await ready(first)
      await end(first, 'SIGTERM')
      const thief = createServer()
      await new Promise<void>((resolve) => thief.listen(port, '127.0.0.1', resolve))
      const again = await ready(launch(actor, { dataFolder }))
      thief.close()
      assert.notEqual(again.port, port)
    })

    test('without the file of the superuser password an existing cluster is refused', async () => {
      const dataFolder = newFolder(actor)
      const first = launch(actor, { dataFolder })
      await ready(first)
      await end(first, 'SIGTERM')
      renameSync(join(dataFolder, 'superuser-password'), join(dataFolder, 'elsewhere'))
      assert.equal((await refused(launch(actor, { dataFolder }))).code, 'superuser_password_missing')
      assert.ok(!existsSync(join(dataFolder, 'superuser-password')))
    })

    test('durability none, for tests, does not wait for the disk', async () => {
      const { superuserUrl } = await ready(launch(actor, { dataFolder: newFolder(actor), durability: 'none' }))
      assert.deepEqual(await query(superuserUrl, 'SHOW fsync'), [{ fsync: 'off' }])
    })
  })
}

test("under a folder of mode 0700, root's data goes to a stated folder; an ordinary user's stays", async () => {
  for (const actor of actors) {
    const closed = newFolder(actor)
    chmodSync(closed, 0o700)
    const dataFolder = join(closed, 'a clone', '.tenantry')
    const first = launch(actor, { dataFolder })
    const { superuserUrl, dataFolder: cluster } = await ready(first)
    await query(superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS value')
    await end(first, 'SIGTERM')

    const second = launch(actor, { dataFolder })
    const again = await ready(second)
    assert.equal(again.dataFolder, cluster)
    assert.deepEqual(await query(again.superuserUrl, 'SELECT value FROM kept'), [{ value: 42 }])
    await end(second, 'SIGTERM')

    const home = dirname(cluster)
    assert.equal(home !== dataFolder, actor.name === 'root')
    assert.equal(
      first.progress.some((message) => message.includes(home)),
      actor.name === 'root',
    )

    rmSync(dataFolder, { recursive: true })
    const third = launch(actor, { dataFolder })
    const anew = await ready(third)
    assert.ok(dirname(anew.dataFolder) === dataFolder || !existsSync(home), 'the deleted database is gone')
    await end(third, 'SIGTERM')
    rmSync(dirname(anew.dataFolder), { recursive: true })
  }
})

test("where npm's folder lacks the library links and can't be written to, PostgreSQL runs from a copy", async () => {
  const library = join(installedBinaries, 'lib')
  chmodSync(library, 0o755)
  for (const name of readdirSync(library).filter((entry) => entry.startsWith('libpq.so'))) {
    if (lstatSync(join(library, name)).isSymbolicLink()) rmSync(join(library, name))
  }
  chmodSync(library, 0o555)
  const dataFolder = newFolder(ordinaryUser)
  const both = [launch(ordinaryUser, { dataFolder }), launch(ordinaryUser, { dataFolder: newFolder(ordinaryUser) })]
  for (const launcher of both) {
    await query((await ready(launcher)).superuserUrl, 'SELECT 1')
    assert.match(launcher.progress.join('\n'), /copying it to/)
    await end(launcher, 'SIGTERM')
  }
  const again = launch(ordinaryUser, { dataFolder })
  await ready(again)
  assert.deepEqual(again.progress, [])
})

/** Name, size and time of every file below the folder. */
function fingerprint(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, file: statSync(join(folder, name)) }))
    .map(({ name, file }) => `${name} ${file.size} ${file.mtimeMs}`)
    .toSorted()
}
