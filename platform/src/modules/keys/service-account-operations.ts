import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { withdrawRoles } from '#modules/access'
import { serviceAccountCreated, serviceAccountDeleted, serviceAccountUpdated } from './events.ts'
import { accountNameTaken } from './failures.ts'
import { AccountDescription, AccountName, ServiceAccount } from './model.ts'
import * as store from './service-account-store.ts'

export const listServiceAccounts = list({
  name: 'serviceAccounts.list',
  summary: 'List the service accounts of this organisation',
  http: 'GET /service-accounts',
  item: ServiceAccount,
  sort: ['name', 'createdAt'],
  permission: 'serviceAccount:read',
  run: (ctx, page) => store.listServiceAccounts(ctx, page),
})

export const readServiceAccount = operation({
  name: 'serviceAccounts.read',
  summary: 'Read a service account',
  http: 'GET /service-accounts/{id}',
  input: { id: id() },
  output: ServiceAccount,
  permission: 'serviceAccount:read',
  errors: [notFound],
  run: async (ctx, input) => (await store.findServiceAccount(ctx, input.id)) ?? ctx.fail(notFound),
})

export const createServiceAccount = operation({
  name: 'serviceAccounts.create',
  summary: 'Create a service account: an actor that is no person',
  description: 'It may do nothing until it is given a role (`/assignments`), and acts by keys that are made for it.',
  http: 'POST /service-accounts',
  input: { name: AccountName, description: AccountDescription.default('') },
  output: ServiceAccount,
  permission: 'serviceAccount:create',
  errors: [accountNameTaken],
  emits: [serviceAccountCreated],

  async run(ctx, asked) {
    const account = (await store.insertServiceAccount(ctx, asked)) ?? ctx.fail(accountNameTaken, nameField)
    ctx.record(serviceAccountCreated, { after: account })
    return account
  },
})

export const updateServiceAccount = operation({
  name: 'serviceAccounts.update',
  summary: 'Change a service account, or disable it',
  description: 'While it is disabled its keys are refused: at once in this process and within a second in all others.',
  http: 'PATCH /service-accounts/{id}',
  input: {
    id: id(),
    name: AccountName.optional(),
    description: AccountDescription.optional(),
    disabled: z.boolean().optional(),
  },
  output: ServiceAccount,
  permission: 'serviceAccount:update',
  errors: [notFound, accountNameTaken],
  emits: [serviceAccountUpdated],

  async run(ctx, { id: accountId, disabled, ...changes }) {
    const before = (await store.lockServiceAccount(ctx, accountId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const disabledAt = (disabled ?? before.disabledAt !== null) ? (before.disabledAt ?? ctx.now) : null
    const after =
      (await store.updateServiceAccount(ctx, accountId, { ...before, ...changes, disabledAt })) ??
      ctx.fail(accountNameTaken, nameField)
    ctx.record(serviceAccountUpdated, { before, after })
    return after
  },
})

export const deleteServiceAccount = operation({
  name: 'serviceAccounts.delete',
  summary: 'Delete a service account with its keys and roles',
  description: 'Its keys stop working within a second on every process. What it did stays in the audit log.',
  http: 'DELETE /service-accounts/{id}',
  input: { id: id() },
  permission: 'serviceAccount:delete',
  errors: [notFound],
  emits: [serviceAccountDeleted],

  async run(ctx, { id: accountId }) {
    const before = (await store.lockServiceAccount(ctx, accountId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    await withdrawRoles(ctx, accountId)
    await store.deleteServiceAccount(ctx, accountId)
    ctx.record(serviceAccountDeleted, { before })
  },
})

const nameField = { errors: [{ pointer: '#/name', code: 'taken', detail: accountNameTaken.title }] }
