import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What is installed, built or hidden: nobody wrote it. */
const notWritten = /^(node_modules|dist|\..*)$/

/** The folder and all folders below it in which somebody writes sources. `except` is a folder of generated files. */
export function sourceFolders(root: string, except: string): string[] {
  if (root === except) return []
  const below = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !notWritten.test(entry.name),
  )
  return [root, ...below.flatMap(({ name }) => sourceFolders(join(root, name), except))]
}

/** The files of one folder, with their paths. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
}
