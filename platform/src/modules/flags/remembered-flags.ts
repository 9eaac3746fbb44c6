import {
  type Client,
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  OpenFeature,
  type Provider,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk'
import type { Database } from '#kernel/database/database'
import { ReadSession, type Session } from '#kernel/database/session'
import { noTenant, systemActor } from '#kernel/database/signed-context'
import { newId } from '#kernel/id'
import type { FlagFacts } from '#kernel/module'
import type { Log } from '#kernel/observe/log'
import { type Decision, decide, type Rules } from './rules.ts'
import { readRules, rulesVersion } from './store.ts'

/** With the time that reading may take, a change counts within 5 s on every process. */
const readEveryMs = 2_000
/** How long one statement may take. */
const readTimeoutMs = 1_000

const reasons: Readonly<Record<Decision['by'], string>> = {
  default: StandardResolutionReasons.DEFAULT,
  state: StandardResolutionReasons.STATIC,
  percentage: StandardResolutionReasons.SPLIT,
  tenant: StandardResolutionReasons.TARGETING_MATCH,
  role: StandardResolutionReasons.TARGETING_MATCH,
  plan: StandardResolutionReasons.TARGETING_MATCH,
  nothing: StandardResolutionReasons.TARGETING_MATCH,
}

interface RememberedFlagsParts {
  readonly declared: ReadonlyMap<string, FlagFacts>
  readonly control: Database
  readonly now: () => Date
  readonly log: Log
}

/**
 * OpenFeature's provider of this platform. It answers by rules that it remembers and reads again every two seconds, so that
 * no question waits for the database but the first. While the database is away the last rules hold; who never read any
 * answers as declared.
 */
export class RememberedFlags implements Provider {
  readonly metadata = { name: 'tenantry' }
  readonly runsOn = 'server'
  readonly declared: ReadonlyMap<string, FlagFacts>
  /**
   * OpenFeature is one for the process: what its default client is asked is answered by who was made last, and what this
   * client is asked by these rules.
   */
  readonly client: Client
  readonly #parts: Omit<RememberedFlagsParts, 'declared'>
  #rules: ReadonlyMap<string, Rules> = new Map()
  #version: number | undefined
  #reading: Promise<void> | undefined
  #first: Promise<void> | undefined
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor({ declared, ...parts }: RememberedFlagsParts) {
    this.declared = declared
    this.#parts = parts
    const domain = newId()
    // In this order: OpenFeature leaves a domain alone whose provider is the default one already.
    OpenFeature.setProvider(domain, this)
    OpenFeature.setProvider(this)
    this.client = OpenFeature.getClient(domain)
  }

  /** Reads the rules again and again from now on. Without it they are read once, with the first question. */
  start(): void {
    this.#first ??= this.read()
    this.#timer = setInterval(() => void this.read(), readEveryMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
  }

  /** Reads the rules now, unless somebody does. Never fails: what could not be read is read the next time. */
  read(): Promise<void> {
    this.#reading ??= this.#read()
      .then(
        () => this.#succeeded(),
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#reading = undefined
      })
    return this.#reading
  }

  async #read(): Promise<void> {
    // First the version: rules that are newer than it are read once more, rules that are older never stay.
    const version = await rulesVersion(this.#session())
    if (version === this.#version) return
    this.#rules = await readRules(this.#session())
    this.#version = version
  }

  #session(): Session {
    const identity = { tenantId: noTenant, actorId: systemActor }
    const deadlineMs = performance.now() + readTimeoutMs
    return new ReadSession({ target: { database: this.#parts.control }, identity, deadlineMs })
  }

  #succeeded(): void {
    this.#failures = 0
  }

  #failed(error: unknown): void {
    this.#failures += 1
    // Once may be a moment of much to do.
    if (this.#failures === 2)
      this.#parts.log.warn({ error }, 'the rules of flags could not be read: the last ones hold')
  }

  async resolveBooleanEvaluation(
    key: string,
    fallback: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    const facts = this.declared.get(key)
    if (!facts) return notDeclared(fallback)
    await (this.#first ??= this.read())
    const now = this.#parts.now().toISOString()
    const { on, by } = decide(key, facts.default, this.#rules.get(key), askerIn(context), now)
    return { value: on, variant: on ? 'on' : 'off', reason: reasons[by] }
  }

  async resolveStringEvaluation(key: string, fallback: string): Promise<ResolutionDetails<string>> {
    return this.#otherType(key, fallback)
  }

  async resolveNumberEvaluation(key: string, fallback: number): Promise<ResolutionDetails<number>> {
    return this.#otherType(key, fallback)
  }

  async resolveObjectEvaluation<Value extends JsonValue>(
    key: string,
    fallback: Value,
  ): Promise<ResolutionDetails<Value>> {
    return this.#otherType(key, fallback)
  }

  #otherType<Value>(key: string, value: Value): ResolutionDetails<Value> {
    if (!this.declared.has(key)) return notDeclared(value)
    return { value, errorCode: ErrorCode.TYPE_MISMATCH, errorMessage: 'flags of this platform are on or off' }
  }
}

function notDeclared<Value>(value: Value): ResolutionDetails<Value> {
  return { value, errorCode: ErrorCode.FLAG_NOT_FOUND, errorMessage: 'no module declares this flag' }
}

/** Whoever asks through OpenFeature may put anything there: what is no text fits no rule. */
function askerIn({ tenantId, plan, roles }: EvaluationContext) {
  const texts = Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []
  return { tenantId: textIn(tenantId), plan: textIn(plan), roles: texts }
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
