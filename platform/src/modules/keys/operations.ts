import { failure } from '#kernel/errors/failure'
import { invalid, notFound } from '#kernel/errors/platform-failures'
import { event, list, operation } from '#kernel/operation'
import { id, instant, line, z } from '#kernel/schema'
import { newToken, tokenDigest } from '#kernel/token'
import { ApiKey, keyPrefix, NewApiKey, Scope } from './model.ts'
import * as store from './store.ts'

export const keyCreated = event('key.created', { version: 1, carries: ['name', 'scopes', 'expiresAt'] })
export const keyRevoked = event('key.revoked', { version: 1, changesAccess: true })

export const scopeNotHeld = failure('key.scope_not_held', {
  status: 403,
  title: 'A key cannot do more than you may.',
  help: 'Leave out the scopes that your own roles do not permit, or ask somebody who has them to create the key.',
})

export const createKey = operation({
  name: 'keys.create',
  summary: 'Create an API key',
  description: 'The key itself is in this answer only: the platform keeps a digest.',
  http: 'POST /keys',
  input: {
    name: line({ max: 100 }),
    scopes: z.array(Scope).min(1).max(200),
    expiresAt: instant().nullable().optional().describe('Null or absent: until revoked.'),
  },
  output: NewApiKey,
  permission: 'key:create',
  errors: [scopeNotHeld, invalid],
  emits: [keyCreated],
  stepUp: true,

  async run(ctx, { name, scopes, expiresAt = null }) {
    const notHeld = scopes.filter((scope) => !ctx.permissions.has(scope))
    if (notHeld.length > 0) ctx.fail(scopeNotHeld, { detail: `You do not hold ${notHeld.join(', ')}.` })
    if (expiresAt !== null && expiresAt <= ctx.now) {
      ctx.fail(invalid, { errors: [{ pointer: '#/expiresAt', code: 'too_small', detail: 'This is in the past.' }] })
    }
    const key = newToken(keyPrefix, ctx.tenant.id)
    // The first bytes are the tenant's, the same in all its keys: the end is what tells them apart.
    const prefix = `${keyPrefix}_…${key.slice(-4)}`
    const unique = [...new Set(scopes)].toSorted()
    const record = await store.insertKey(ctx, { name, prefix, digest: tokenDigest(key), scopes: unique, expiresAt })
    ctx.record(keyCreated, { after: record })
    return { ...record, key }
  },
})

export const listKeys = list({
  name: 'keys.list',
  summary: 'List the API keys that are not revoked',
  http: 'GET /keys',
  item: ApiKey,
  sort: ['-createdAt', 'name'],
  permission: 'key:read',
  run: (ctx, page) => store.listKeys(ctx, page),
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
