import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { email, id } from '#kernel/schema'
import { tenantInToken, tokenDigest } from '#kernel/token'
import { assignRole, RoleName } from '#modules/access'
import { invitationAccepted, invitationResent, invitationRevoked, invitationSent, memberJoined } from './events.ts'
import {
  alreadyInvited,
  alreadyMember,
  invitationClosed,
  invitationExpired,
  notGrantable,
  wrongAccount,
} from './failures.ts'
import { mailInvitation, newInvitation } from './invitation-mail.ts'
import * as invitations from './invitation-store.ts'
import { Invitation, InvitationPreview, InvitationToken, invitationDays, invitationPrefix, Member } from './model.ts'
import { requireGrantable } from './operations.ts'
import * as store from './store.ts'

const tenantOfToken = ({ token }: { token: string }) => tenantInToken(invitationPrefix, token)

export const createInvitation = operation({
  name: 'invitations.create',
  summary: 'Invite somebody by e-mail',
  description: `Sends a link that works once, for ${invitationDays} days, and only for the invited address.`,
  http: 'POST /invitations',
  input: { email: email(), role: RoleName },
  output: Invitation,
  idempotency: 'required',
  permission: 'invitation:create',
  errors: [notGrantable, alreadyMember, alreadyInvited],
  emits: [invitationSent],

  async run(ctx, { email: given, role }) {
    await requireGrantable(ctx, role)
    const address = given.toLowerCase()
    if (await invitations.isMemberAddress(ctx, address)) ctx.fail(alreadyMember, emailField(alreadyMember.title))
    const made = newInvitation(ctx)
    const [invitation = ctx.fail(alreadyInvited, emailField(alreadyInvited.title))] =
      await invitations.insertInvitations(ctx, [{ ...made, email: address, role, name: null }])
    ctx.record(invitationSent, { after: invitation })
    mailInvitation(ctx, invitation, made.token)
    return invitation
  },
})

export const listInvitations = list({
  name: 'invitations.list',
  summary: 'List the open invitations',
  http: 'GET /invitations',
  item: Invitation,
  sort: ['-createdAt', 'email'],
  permission: 'invitation:read',
  run: (ctx, page) => invitations.listOpenInvitations(ctx, page),
})

export const resendInvitation = operation({
  name: 'invitations.resend',
  summary: 'Send an invitation again, with a new link',
  description: 'The link sent before stops working.',
  http: 'POST /invitations/{id}/resend',
  input: { id: id() },
  output: Invitation,
  status: 200,
  idempotency: 'required',
  permission: 'invitation:create',
  errors: [notFound, notGrantable],
  emits: [invitationResent],

  async run(ctx, { id: invitationId }) {
    const before = (await invitations.findInvitation(ctx, invitationId)) ?? ctx.fail(notFound)
    await requireGrantable(ctx, before.role)
    const { token, tokenDigest: digest, expiresAt } = newInvitation(ctx)
    const after = (await invitations.renewInvitation(ctx, invitationId, digest, expiresAt)) ?? ctx.fail(notFound)
    ctx.record(invitationResent, { before, after })
    mailInvitation(ctx, after, token)
    return after
  },
})

export const revokeInvitation = operation({
  name: 'invitations.revoke',
  summary: 'Withdraw an invitation',
  http: 'DELETE /invitations/{id}',
  input: { id: id() },
  permission: 'invitation:revoke',
  errors: [notFound],
  emits: [invitationRevoked],

  async run(ctx, { id: invitationId }) {
    const revoked = (await invitations.revokeInvitation(ctx, invitationId)) ?? ctx.fail(notFound)
    ctx.record(invitationRevoked, { before: revoked })
  },
})

export const previewInvitation = operation({
  name: 'invitations.preview',
  summary: 'Show what an invitation is for',
  http: 'POST /invitations/preview',
  input: { token: InvitationToken },
  output: InvitationPreview,
  status: 200,
  permission: 'public',
  tenantFrom: tenantOfToken,
  errors: [notFound],

  async run(ctx, { token }) {
    const invitation = (await invitations.findInvitationByToken(ctx, tokenDigest(token))) ?? ctx.fail(notFound)
    const { slug, name } = ctx.tenant
    return {
      tenant: { slug, name },
      email: invitation.email,
      role: invitation.role,
      state: stateOf(invitation, ctx.now),
    }
  },
})

export const acceptInvitation = operation({
  name: 'invitations.accept',
  summary: 'Join the organisation that an invitation is for',
  http: 'POST /invitations/accept',
  input: { token: InvitationToken },
  output: Member,
  status: 200,
  permission: 'signed-in',
  tenantFrom: tenantOfToken,
  errors: [notFound, invitationExpired, invitationClosed, wrongAccount, alreadyMember],
  emits: [invitationAccepted, memberJoined],
  replyAfter: 'handlers',

  async run(ctx, { token }) {
    const invitation = (await invitations.findInvitationByToken(ctx, tokenDigest(token), 'lock')) ?? ctx.fail(notFound)
    const state = stateOf(invitation, ctx.now)
    if (state === 'expired') ctx.fail(invitationExpired)
    if (state !== 'open') ctx.fail(invitationClosed)
    if (invitation.email !== ctx.actor.email) ctx.fail(wrongAccount)
    const person = { userId: ctx.actor.id, name: ctx.actor.name, email: invitation.email }
    const { id: memberId } = (await store.insertMember(ctx, person)) ?? ctx.fail(alreadyMember)
    await assignRole(ctx, ctx.actor.id, invitation.role, { givenBy: invitation.invitedBy })
    await invitations.closeInvitation(ctx, invitation.id)
    const member = { id: memberId, ...person, role: invitation.role, joinedAt: ctx.now, version: 1 }
    ctx.record(invitationAccepted, { before: invitation })
    ctx.record(memberJoined, { after: member })
    return member
  },
})

function stateOf(invitation: invitations.InvitationState, now: string): 'open' | 'expired' | 'accepted' | 'revoked' {
  if (invitation.acceptedAt) return 'accepted'
  if (invitation.revokedAt) return 'revoked'
  return invitation.expiresAt < now ? 'expired' : 'open'
}

function emailField(detail: string): { errors: { pointer: string; code: string; detail: string }[] } {
  return { errors: [{ pointer: '#/email', code: 'taken', detail }] }
}
