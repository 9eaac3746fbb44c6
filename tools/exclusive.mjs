import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until no other living process holds `file`, then holds it until the returned function is called.
 * The file contains the process id of its holder. One whose holder has died (kill -9, power cut) is taken over.
 */
export async function holdAlone(file, whatHolderDoes) {
  let reported
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}`, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readHolder(file)
    if (holder && !isAlive(holder)) {
      discard(file)
      continue
    }
    if (holder && holder.pid !== reported) {
      console.error(`… process ${holder.pid} ${whatHolderDoes}; waiting for it (${file})`)
      reported = holder.pid
    }
    await sleep(200)
  }
}

function readHolder(file) {
  try {
    return { pid: Number(readFileSync(file, 'utf8')), since: statSync(file).mtimeMs }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive({ pid, since }) {
  const bootedAt = Date.now() - uptime() * 1000
  if (since < bootedAt || pid === process.pid) return false // another process had this number
  if (pid === 0) return Date.now() - since < 5000 // created, not yet written
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

/** Of several that find the same dead holder, only one can rename its file away. */
function discard(file) {
  const aside = `${file}-abandoned-${process.pid}`
  try {
    renameSync(file, aside)
    rmSync(aside)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
