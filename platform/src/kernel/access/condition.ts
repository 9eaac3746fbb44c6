import { BlockList, isIP } from 'node:net'
import { z } from '../schema.ts'

/**
 * A condition on a permission: attributes of who acts, of the record, of the network and of the time. All clauses must
 * hold. It is data beside the permission, so that adding one changes no call site.
 */

const Value = z.union([z.string().max(200), z.number(), z.boolean()])
const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

const RecordClause = z.strictObject({
  record: z.string().max(50).describe('An attribute that the kind of record declares, such as `state`.'),
  is: z.literal('actor').optional().describe('It must be the id of whoever acts.'),
  in: z.array(Value).min(1).max(50).optional().describe('It must be one of these.'),
})
const ActorClause = z.strictObject({
  actor: z.enum(['kind', 'emailDomain']).describe('`kind` is person, serviceAccount or key.'),
  in: z.array(z.string().max(200)).min(1).max(50),
})
const NetworkClause = z.strictObject({
  network: z
    .array(
      z
        .string()
        .max(49)
        .regex(/^[\da-fA-F.:]{2,45}\/\d{1,3}$/),
    )
    .min(1)
    .max(50)
    .describe('The caller comes from one of these networks, in CIDR notation (RFC 4632, RFC 4291).'),
})
const TimeClause = z.strictObject({
  time: z.strictObject({
    from: Clock,
    until: Clock.describe('The first minute that is outside; before `from`: on the next day.'),
    zone: z.string().max(50).describe('A zone of the IANA database, such as Europe/Madrid.'),
    days: z.array(z.number().int().min(1).max(7)).min(1).max(7).optional().describe('1 is Monday (ISO 8601).'),
  }),
})

export const Condition = z
  .array(z.union([RecordClause, ActorClause, NetworkClause, TimeClause]))
  .min(1)
  .max(10)
export type Condition = z.infer<typeof Condition>
type Clause = Condition[number]

/** What a condition may look at. A record's attributes are absent where the question is about no record. */
export interface Circumstances {
  readonly actor: { readonly kind: string; readonly id: string; readonly email?: string }
  readonly address: string | undefined
  /** ISO 8601 UTC. */
  readonly now: string
}

export type RecordFacts = Readonly<Record<string, unknown>>

export function isAboutRecord(clause: Clause): clause is z.infer<typeof RecordClause> {
  return 'record' in clause
}

/** The first clause that does not hold, in words for the explanation; undefined when all do. */
export function failedClause(
  condition: Condition,
  circumstances: Circumstances,
  record: RecordFacts | undefined,
): Clause | undefined {
  return condition.find((clause) => !holds(clause, circumstances, record))
}

function holds(clause: Clause, { actor, address, now }: Circumstances, record: RecordFacts | undefined): boolean {
  if ('record' in clause) return recordHolds(clause, actor.id, record)
  if ('actor' in clause) {
    const value = clause.actor === 'kind' ? actor.kind : (actor.email?.split('@').at(-1)?.toLowerCase() ?? '')
    return clause.in.includes(value)
  }
  if ('network' in clause) return address !== undefined && isInNetworks(address, clause.network)
  return isInTime(clause.time, now)
}

function recordHolds(
  { record: attribute, is, in: among }: z.infer<typeof RecordClause>,
  actorId: string,
  record: RecordFacts | undefined,
): boolean {
  const value = record?.[attribute] as z.infer<typeof Value> | null | undefined
  if (value === undefined || value === null) return false
  if (is === 'actor' && value !== actorId) return false
  // As text, as in the SQL of lists: the role editor knows no other values.
  return among === undefined || among.some((each) => String(each) === String(value))
}

function isInNetworks(address: string, networks: readonly string[]): boolean {
  // A server that listens on both families sees an IPv4 caller as ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2).
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(plain) === 0) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits] = network.split('/')
    const version = isIP(base)
    if (version !== 0) list.addSubnet(base, Number(bits), version === 6 ? 'ipv6' : 'ipv4')
  }
  return list.check(plain, family)
}

function isInTime({ from, until, zone, days }: z.infer<typeof TimeClause>['time'], now: string): boolean {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(now))
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  const clock = `${part('hour')}:${part('minute')}`
  const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1
  const overnight = until <= from
  const isAfterMidnight = overnight && clock < until
  const inHours = overnight ? clock >= from || clock < until : clock >= from && clock < until
  const dayOfShift = isAfterMidnight ? ((weekday + 5) % 7) + 1 : weekday
  return inHours && (days === undefined || days.includes(dayOfShift))
}

/** What is wrong with a condition beyond its shape, as a JSON pointer into it; undefined when it can be used. */
export function faultIn(
  condition: Condition,
  attributes: ReadonlySet<string>,
): { pointer: string; detail: string } | undefined {
  for (const [index, clause] of condition.entries()) {
    const fault = faultOf(clause, attributes)
    if (fault) return { pointer: `/${index}${fault.pointer}`, detail: fault.detail }
  }
  return undefined
}

function faultOf(clause: Clause, attributes: ReadonlySet<string>): { pointer: string; detail: string } | undefined {
  if ('record' in clause) {
    if (!attributes.has(clause.record)) {
      const known = attributes.size > 0 ? [...attributes].join(', ') : 'none'
      return { pointer: '/record', detail: `These records have no attribute "${clause.record}". They have: ${known}.` }
    }
    if (clause.is === undefined && clause.in === undefined)
      return { pointer: '', detail: 'Say what the attribute must be, with "is" or "in".' }
  }
  if ('network' in clause) {
    const wrong = clause.network.findIndex((network) => !isNetwork(network))
    if (wrong >= 0) return { pointer: `/network/${wrong}`, detail: 'This is no network in CIDR notation.' }
  }
  if ('time' in clause && !isZone(clause.time.zone))
    return { pointer: '/time/zone', detail: `There is no time zone "${clause.time.zone}".` }
  return undefined
}

function isNetwork(network: string): boolean {
  const [base = '', bits] = network.split('/')
  const version = isIP(base)
  return version !== 0 && Number(bits) <= (version === 6 ? 128 : 32)
}

function isZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en-GB', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}
