import { failure } from '#kernel/errors/failure'

export const slugTaken = failure('tenant.slug_taken', {
  status: 409,
  title: 'This address is taken.',
  help: 'Slugs are unique across the platform. Choose another one.',
})
export const unknownOwner = failure('tenant.unknown_owner', {
  status: 422,
  title: 'Nobody with this address has an account.',
  help: 'Who is to own an organisation must have signed up and confirmed the address. Ask them to, or name somebody who has.',
})
export const unknownPlan = failure('tenant.unknown_plan', {
  status: 422,
  title: 'There is no such plan.',
  help: 'The plans are declared by the product. The answer names them.',
})
export const wrongState = failure('tenant.wrong_state', {
  status: 409,
  title: 'This cannot be done with the organisation as it is now.',
  help: 'Its state changed, or never was one in which this can be done: an active organisation cannot be reactivated, only a cancelled one restored or purged. Read it again.',
})
export const notConfirmed = failure('tenant.not_confirmed', {
  status: 422,
  title: 'What you typed is not the name that was asked for.',
  help: 'What cannot be taken back easily is confirmed by typing a name: that of the organisation to cancel it, its address to cancel or purge it as staff. Nothing was changed.',
})
export const graceNotOver = failure('tenant.grace_not_over', {
  status: 409,
  title: 'The grace period of this organisation is not over.',
  help: 'A cancelled organisation can be restored for 30 days. Only after that can it be purged.',
})
export const lastOwner = failure('member.last_owner', {
  status: 422,
  title: 'An organisation needs an owner.',
  help: 'The last owner can neither leave, nor be removed or given another role. Make somebody else an owner first, or transfer the ownership.',
})
export const notGrantable = failure('role.not_grantable', {
  status: 403,
  title: 'You cannot give a role that may do more than you may.',
  help: 'Nobody grants more than they hold. Ask somebody with that role.',
})
export const alreadyMember = failure('invitation.already_member', {
  status: 409,
  title: 'This person is a member already.',
  help: 'Change their role on the members page instead.',
})
export const alreadyInvited = failure('invitation.already_invited', {
  status: 409,
  title: 'There is an open invitation for this address.',
  help: 'Resend or revoke the open one.',
})
export const unreadableFile = failure('invitation.unreadable_file', {
  status: 422,
  title: 'This file cannot be read.',
  help: 'It must be of comma-separated values (RFC 4180), with the names of its columns in the first line: email, role and, if you like, name. At most 500 people at once. The detail names the line.',
})
export const invitationExpired = failure('invitation.expired', {
  status: 422,
  title: 'This invitation has expired.',
  help: 'Ask the person who invited you for a new one.',
})
export const invitationClosed = failure('invitation.closed', {
  status: 422,
  title: 'This invitation was used or withdrawn.',
  help: 'If you have joined already, sign in. Otherwise ask for a new invitation.',
})
export const wrongAccount = failure('invitation.wrong_account', {
  status: 403,
  title: 'This invitation is for another e-mail address.',
  help: 'Sign in with the address that the invitation was sent to.',
})
