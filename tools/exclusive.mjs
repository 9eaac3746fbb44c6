import { linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until no other living process holds `file`, then holds it until the returned function is called.
 *
 * Each holder has a turn, a file `<file>.<number>` that contains its process id; the highest number counts. A turn that
 * was given back, or whose holder has died (kill -9, power cut), is followed by the next number, which only one can
 * create. The last file stays: were it deleted, somebody who has looked before could begin an older turn beside a newer.
 */
export async function holdAlone(file, whatHolderDoes) {
  let reported
  for (;;) {
    const last = lastTurn(file)
    if (last && isAlive(last)) {
      if (last.pid !== reported) {
        console.error(`… process ${last.pid} ${whatHolderDoes}; waiting for it (${file})`)
        reported = last.pid
      }
      await sleep(200)
      continue
    }
    const number = (last?.number ?? 0) + 1
    if (!begin(file, number)) continue
    if (lastTurn(file).number === number) {
      for (const older of turnsOf(file).filter((each) => each < number)) rmSync(`${file}.${older}`, { force: true })
      return () => writeFileSync(`${file}.${number}`, given)
    }
    rmSync(`${file}.${number}`, { force: true })
  }
}

const given = 'given back'

/** False when somebody else was quicker. By a link, because a file that is created empty and then written can be read between. */
function begin(file, number) {
  const own = `${file}-${process.pid}`
  writeFileSync(own, `${process.pid}`)
  try {
    linkSync(own, `${file}.${number}`)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function turnsOf(file) {
  const start = `${basename(file)}.`
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length)))
}

function lastTurn(file) {
  for (;;) {
    const turns = turnsOf(file)
    if (turns.length === 0) return undefined
    const number = Math.max(...turns)
    try {
      const name = `${file}.${number}`
      return { number, pid: Number(readFileSync(name, 'utf8')), since: statSync(name).mtimeMs }
    } catch (error) {
      if (error.code !== 'ENOENT') throw error // a newer turn has begun, and its holder has tidied up
    }
  }
}

function isAlive({ pid, since }) {
  const bootedAt = Date.now() - uptime() * 1000
  if (Number.isNaN(pid)) return false // given back
  if (since < bootedAt || pid === process.pid) return false // another process had this number
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** In a container nobody may collect the processes that have ended; they still answer to signal 0. */
function isZombie(pid) {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false // not Linux
  }
}
