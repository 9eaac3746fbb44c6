import type { Ctx } from '#kernel/context'
import { invalid, notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, instant, line, z } from '#kernel/schema'
import { newToken, tokenDigest } from '#kernel/token'
import { assignmentsIn } from '#modules/access'
import { keyCreated, keyRevoked, keyRotated } from './events.ts'
import { noServiceAccount, scopeNotHeld } from './failures.ts'
import { ApiKey, keyPrefix, NewApiKey, Scope } from './model.ts'
import { serviceAccountIn } from './service-account-store.ts'
import * as store from './store.ts'

const hourMs = 3_600_000

export const createKey = operation({
  name: 'keys.create',
  summary: 'Create an API key',
  description:
    'The key itself is in this answer only: the platform keeps a digest. A key of a service account may do what that may, and follows its roles; scopes narrow it. Any other key may do what its scopes say.',
  http: 'POST /keys',
  input: {
    name: line({ max: 100 }),
    serviceAccountId: id().optional(),
    scopes: z.array(Scope).min(1).max(200).optional().describe('Needed when no service account is named.'),
    expiresAt: instant().nullable().optional().describe('Null or absent: until revoked.'),
  },
  output: NewApiKey,
  permission: 'key:create',
  errors: [scopeNotHeld, noServiceAccount, invalid],
  emits: [keyCreated],
  stepUp: true,

  async run(ctx, { name, serviceAccountId = null, scopes = [], expiresAt = null }) {
    if (serviceAccountId === null && scopes.length === 0)
      ctx.fail(invalid, fault('scopes', 'required', 'Name scopes, or a service account.'))
    if (serviceAccountId !== null && !(await serviceAccountIn(ctx, serviceAccountId)))
      ctx.fail(noServiceAccount, fault('serviceAccountId', 'unknown', noServiceAccount.title))
    const unique = [...new Set(scopes)].toSorted()
    const { record, key } = await insert(ctx, { name, serviceAccountId, scopes: unique, expiresAt })
    ctx.record(keyCreated, { after: record })
    return { ...record, key }
  },
})

export const rotateKey = operation({
  name: 'keys.rotate',
  summary: 'Make a new key in place of one, which works on for a while',
  description:
    'The new key may do the same. Until the old one ends, both work: put the new one in place meanwhile, and see by their last use when the old one is needed no more.',
  http: 'POST /keys/{id}/rotate',
  input: {
    id: id(),
    overlapHours: z.number().int().min(0).max(720).default(24).describe('For how long the old key works on.'),
    expiresAt: instant()
      .nullable()
      .optional()
      .describe('Of the new key. Absent: it lives as long as the old one was to.'),
  },
  output: NewApiKey,
  permission: 'key:create',
  errors: [notFound, scopeNotHeld, invalid],
  emits: [keyCreated, keyRotated],
  stepUp: true,

  async run(ctx, { id: keyId, overlapHours, expiresAt }) {
    const before = (await store.lockKey(ctx, keyId)) ?? ctx.fail(notFound)
    const wanted = { ...before, expiresAt: expiresAt === undefined ? sameLife(before, ctx.now) : expiresAt }
    const { record, key } = await insert(ctx, wanted)
    const after = await store.endKey(ctx, keyId, later(ctx.now, overlapHours * hourMs))
    ctx.record(keyCreated, { after: record })
    ctx.record(keyRotated, { before, after: { ...after, id: keyId, replacedBy: record.id } })
    return { ...record, key }
  },
})

export const listKeys = list({
  name: 'keys.list',
  summary: 'List the API keys that are not revoked',
  http: 'GET /keys',
  item: ApiKey,
  sort: ['-createdAt', 'name'],
  filter: { serviceAccountId: id().optional() },
  permission: 'key:read',
  run: (ctx, page, filter) => store.listKeys(ctx, page, filter),
})

export const revokeKey = operation({
  name: 'keys.revoke',
  summary: 'Revoke an API key',
  description: 'It stops working at once in this process and within a second in all others.',
  http: 'DELETE /keys/{id}',
  input: { id: id() },
  permission: 'key:revoke',
  errors: [notFound],
  emits: [keyRevoked],

  async run(ctx, { id: keyId }) {
    const revoked = (await store.revokeKey(ctx, keyId)) ?? ctx.fail(notFound)
    ctx.record(keyRevoked, { before: revoked })
  },
})

type Wanted = Pick<store.KeyRecord, 'name' | 'serviceAccountId' | 'scopes' | 'expiresAt'>

async function insert(ctx: Ctx, { name, serviceAccountId, scopes, expiresAt }: Wanted) {
  await requireHeld(ctx, { serviceAccountId, scopes })
  if (expiresAt !== null && expiresAt <= ctx.now)
    ctx.fail(invalid, fault('expiresAt', 'too_small', 'This is in the past.'))
  const key = newToken(keyPrefix, ctx.tenant.id)
  // The first bytes are the tenant's, the same in all its keys: the end is what tells them apart.
  const prefix = `${keyPrefix}_…${key.slice(-4)}`
  const digest = tokenDigest(key)
  const record = await store.insertKey(ctx, { name, prefix, digest, serviceAccountId, scopes, expiresAt })
  return { record, key }
}

/** Whoever makes a key sees it, and could use it: it may do no more than they may. */
async function requireHeld(ctx: Ctx, { serviceAccountId, scopes }: Pick<Wanted, 'serviceAccountId' | 'scopes'>) {
  const isNarrowed = serviceAccountId === null || scopes.length > 0
  const given = isNarrowed ? scopes : await permissionsOf(ctx, serviceAccountId)
  const missing = given.filter((permission) => !ctx.permissions.has(permission))
  if (missing.length > 0) ctx.fail(scopeNotHeld, { detail: `You do not hold ${[...new Set(missing)].join(', ')}.` })
}

/** All that a service account may do, wherever and under whatever condition. */
async function permissionsOf(ctx: Ctx, accountId: string): Promise<string[]> {
  const assignments = await assignmentsIn(ctx, accountId)
  return assignments.flatMap(({ permissions }) => permissions.map(({ permission }) => permission))
}

function sameLife({ createdAt, expiresAt }: store.KeyRecord, now: string): string | null {
  return expiresAt === null ? null : later(now, Date.parse(expiresAt) - Date.parse(createdAt))
}

function later(instantBefore: string, byMs: number): string {
  return new Date(Date.parse(instantBefore) + byMs).toISOString()
}

function fault(field: string, code: string, detail: string) {
  return { errors: [{ pointer: `#/${field}`, code, detail }] }
}
