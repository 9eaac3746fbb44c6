#!/usr/bin/env node
// Plain JavaScript for Node 18 and newer: finds a Node that is recent enough and hands over to the real program.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findLocalNode, isRecentEnough, nodePackageName, oldestNodeVersion } from './local-node.js'
import { endLike, runChild } from './run-child.js'

const thisFile = realpathSync(fileURLToPath(import.meta.url))
const packageFolder = dirname(dirname(thisFile))

// In its own repository the package runs from TypeScript; Node refuses to strip types under node_modules.
const sourceProgram = join(packageFolder, 'src', 'main.ts')
const runsFromSource = !packageFolder.split(/[\\/]/).includes('node_modules') && existsSync(sourceProgram)
const program = runsFromSource ? sourceProgram : join(packageFolder, 'dist', 'main.js')
const nodeOptions = runsFromSource ? ['--conditions=source'] : []

const recentEnough = isRecentEnough(process.versions.node)
if (recentEnough && nodeOptions.every((option) => process.execArgv.includes(option))) {
  await import(pathToFileURL(program))
} else {
  const node = recentEnough ? process.execPath : (findLocalNode(process.cwd()) ?? findLocalNode(packageFolder))
  if (node) endLike(await runChild(node, [...nodeOptions, thisFile, ...process.argv.slice(2)]))
  else refuse()
}

function refuse() {
  console.error(`Tenantry needs Node ${oldestNodeVersion} or newer; this is Node ${process.versions.node}.
In a clone of the repository, "npm start" fetches a copy for this project alone.
In a project of your own: npm install --save-dev ${nodePackageName()}@24
Or install Node 24 for the whole machine.`)
  process.exitCode = 1
}
