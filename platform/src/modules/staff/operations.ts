import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { email, id, z } from '#kernel/schema'
import { findPerson } from '#modules/identity'
import { staffAppointed, staffDismissed } from './events.ts'
import { alreadyStaff, noSuchAccount } from './failures.ts'
import { Reason, StaffMember } from './model.ts'
import * as store from './store.ts'

export const readStaff = operation({
  name: 'staff.read',
  summary: 'Show yourself as one of the staff',
  http: 'GET /staff/me',
  output: StaffMember,
  permission: 'staff',
  target: 'identity',
  errors: [notFound],
  run: async (ctx) => (await store.findStaff(ctx, ctx.actor.id)) ?? ctx.fail(notFound),
})

export const listStaff = operation({
  name: 'staff.list',
  summary: 'List who runs the platform',
  http: 'GET /staff',
  output: z.object({ items: z.array(StaffMember).max(500) }),
  permission: 'staff',
  target: 'identity',
  async run(ctx) {
    return { items: await store.listStaff(ctx) }
  },
})

export const appointStaff = operation({
  name: 'staff.appoint',
  summary: 'Make somebody staff',
  http: 'POST /staff',
  input: { email: email().describe('The confirmed address of an account.'), reason: Reason },
  output: StaffMember,
  permission: 'staff',
  target: 'identity',
  errors: [alreadyStaff, noSuchAccount],
  emits: [staffAppointed],

  async run(ctx, { email: address, reason }) {
    const person = (await findPerson(ctx.db, address.toLowerCase())) ?? ctx.fail(noSuchAccount)
    const after = (await store.insertStaff(ctx, person, reason)) ?? ctx.fail(alreadyStaff)
    ctx.record(staffAppointed, { after, resourceId: after.userId })
    return after
  },
})

export const dismissStaff = operation({
  name: 'staff.dismiss',
  summary: 'End that somebody is staff',
  description: 'Their account stays; what they could do as staff ends within a second.',
  http: 'POST /staff/{userId}/dismiss',
  input: { userId: id(), reason: Reason },
  permission: 'staff',
  target: 'identity',
  errors: [notFound],
  emits: [staffDismissed],

  async run(ctx, { userId, reason }) {
    const before = (await store.deleteStaff(ctx, userId)) ?? ctx.fail(notFound)
    ctx.record(staffDismissed, { before, after: { reason }, resourceId: userId })
  },
})
