// Plain JavaScript for Node 18 and newer: this runs before a suitable Node is known.
import { spawn } from 'node:child_process'

// One request to stop often arrives twice: npm passes Ctrl-C on to us although the terminal has sent it to us as well.
const sameRequestMs = 1000
const parentCheckEveryMs = 250
const inOwnGroup = process.platform !== 'win32'

/**
 * Runs a script with the given Node and resolves when it has ended, to its exit code or the signal that ended it,
 * and its output where that was captured.
 *
 * The child gets a process group of its own, so a signal reaches it once, from here, whether the sender meant the
 * whole group (Ctrl-C) or this process alone (`kill`). If this process dies without a chance to say so (kill -9),
 * the child ends its group itself: see end-with-parent.js. Whatever the child leaves in its group is ended with it.
 *
 * @param {string} node path of the Node executable
 * @param {string[]} nodeArguments options of Node, the script, the arguments of the script
 * @param {{ cwd?: string, captureOutput?: boolean, stop?: AbortSignal }} [options] `stop` asks the child to end
 * @returns {Promise<{ code: number | null, signal: string | null, output: string }>}
 */
export function runChild(node, nodeArguments, { cwd, captureOutput = false, stop } = {}) {
  const endWithParent = new URL(`end-with-parent.js?parent=${process.pid}`, import.meta.url)
  const child = spawn(node, [`--import=${endWithParent}`, ...nodeArguments], {
    cwd,
    detached: inOwnGroup,
    stdio: captureOutput ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))

  stop?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  const stopListening = passOnSignals(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => signalGroup(child, 'SIGKILL'))
    child.once('close', (code, signal) => {
      stopListening()
      resolve({ code, signal, output })
    })
  })
}

/** Ends this process the way its child ended: with the same exit code, or by the same signal. */
export function endLike({ code, signal }) {
  if (signal) process.kill(process.pid, signal)
  else process.exit(code)
}

function passOnSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  let lastPassedOnAt = -Infinity
  const passOn = (signal) => {
    const now = performance.now()
    if (now - lastPassedOnAt < sameRequestMs) return
    lastPassedOnAt = now
    if (signal === 'SIGINT') signalGroup(child, 'SIGINT')
    else child.kill('SIGTERM') // a closed terminal too is a request to stop properly
  }
  for (const signal of signals) process.on(signal, passOn)

  // npm puts a shell between itself and us. A signal sent to npm alone (as by `docker stop`) ends the shell, which
  // does not pass it on: all we see is that our parent has gone.
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return
    clearInterval(watch)
    passOn('SIGTERM')
  }, parentCheckEveryMs)

  return () => {
    for (const signal of signals) process.off(signal, passOn)
    clearInterval(watch)
  }
}

function signalGroup(child, signal) {
  if (!inOwnGroup) return // the console of Windows hands Ctrl-C to every process by itself
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody is left in the group.
  }
}
