import type { Client } from '@openfeature/server-sdk'
import type { FlagFacts } from '#kernel/module'
import { port } from '#kernel/port'

/** The flags that the modules of this installation declare, by key. */
export const declaredFlags = port<ReadonlyMap<string, FlagFacts>>('declared flags')

/** Answers whether a flag is on: OpenFeature, and behind it whatever provider is set. */
export const flagClient = port<Client>('flags')
