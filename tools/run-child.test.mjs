import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const runChildModule = new URL('../platform/bin/run-child.js', import.meta.url)

// Starts a process of its own and, with SIGINT or SIGTERM, takes 1.5 s to end with code 7, as a server would.
const slowServer = `
  const grandchild = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' })
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => { console.log('got ' + signal); setTimeout(() => process.exit(7), 1500) })
  }
  setInterval(() => undefined, 60_000)
  console.log('started ' + process.pid + ' ' + grandchild.pid)
`

/** A launcher in a process group of its own, with the lines its child has printed. */
async function launch(script) {
  const code = `
    const { endLike, runChild } = await import(${JSON.stringify(runChildModule.href)})
    endLike(await runChild(process.execPath, ['--eval', ${JSON.stringify(script)}]))`
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = []
  createInterface(launcher.stdout).on('line', (line) => lines.push(line))
  return { launcher, lines, ended: once(launcher, 'exit') }
}

async function launchServer() {
  const { launcher, lines, ended } = await launch(slowServer)
  while (lines.length === 0) await sleep(20)
  const [child, grandchild] = lines[0].split(' ').slice(1).map(Number)
  return { launcher, lines, ended, child, grandchild }
}

/** True when the process ends within 5 s. One that nobody has collected yet (state Z) has ended. */
async function ends(pid) {
  for (let attempt = 0; attempt < 250; attempt += 1) {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' })
    if (stdout.trim() === '' || stdout.startsWith('Z')) return true
    await sleep(20)
  }
  return false
}

test('the exit code of the child is that of the launcher', async () => {
  const { ended } = await launch('process.exit(7)')
  assert.deepEqual(await ended, [7, null])
})

test('a launcher whose child was ended by a signal ends by the same signal', async () => {
  const { ended } = await launch(`process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10000)`)
  assert.deepEqual(await ended, [null, 'SIGTERM'])
})

test('Ctrl-C, which the terminal sends to the whole group and npm once more, reaches the child once', async () => {
  const { launcher, lines, ended, child, grandchild } = await launchServer()
  process.kill(-launcher.pid, 'SIGINT')
  await sleep(100)
  launcher.kill('SIGINT')
  assert.deepEqual(await ended, [7, null])
  assert.deepEqual(lines.slice(1), ['got SIGINT'])
  assert.ok(await ends(child))
  assert.ok(await ends(grandchild))
})

test('SIGTERM to the launcher alone reaches the child once, and a closed terminal is the same request', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP']) {
    const { launcher, lines, ended, grandchild } = await launchServer()
    launcher.kill(signal)
    assert.deepEqual(await ended, [7, null])
    assert.deepEqual(lines.slice(1), ['got SIGTERM'])
    assert.ok(await ends(grandchild))
  }
})

test('kill -9 of the launcher ends the child and what the child has started', async () => {
  const { launcher, ended, child, grandchild } = await launchServer()
  launcher.kill('SIGKILL')
  await ended
  assert.ok(await ends(child))
  assert.ok(await ends(grandchild))
})
