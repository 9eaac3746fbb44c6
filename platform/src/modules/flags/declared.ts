import type { FlagFacts, Module } from '#kernel/module'
import { FlagKey } from './model.ts'

/** The flags of all modules, by key. Throws when a key is not the module's name, a dot and a name. */
export function flagsOf(modules: readonly Module[]): ReadonlyMap<string, FlagFacts> {
  const declared = modules.flatMap(({ name, flags }) => Object.entries(flags).map((entry) => ({ name, entry })))
  for (const { name, entry } of declared) {
    const [key] = entry
    if (!FlagKey.safeParse(key).success || !key.startsWith(`${name}.`))
      throw new Error(`"${key}" is no key for a flag of the module ${name}: it is named ${name}.something`)
  }
  return new Map(declared.map(({ entry }) => entry))
}
