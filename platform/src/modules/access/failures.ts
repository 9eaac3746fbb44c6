import { failure } from '#kernel/errors/failure'

export const notHeld = failure('role.not_held', {
  status: 403,
  title: 'You cannot give what you do not hold.',
  help: 'A role can only be given, or be changed, by somebody who holds all of its permissions in the whole organisation and without a condition. The detail names what is missing.',
})
export const roleNameTaken = failure('role.name_taken', {
  status: 409,
  title: 'There is a role with this name already.',
  help: 'Names of roles differ within an organisation. Choose another, or change the role that is there.',
})
export const systemRole = failure('role.of_the_system', {
  status: 422,
  title: 'The roles that every organisation has cannot be changed.',
  help: 'Owner, admin, member, viewer and guest come with the platform and change with its releases. Create a role of your own instead.',
})
export const roleInUse = failure('role.in_use', {
  status: 409,
  title: 'Somebody still has this role.',
  help: 'Withdraw it from everybody first: the list of assignments can be narrowed to a role.',
})
export const unknownPermission = failure('role.unknown_permission', {
  status: 422,
  title: 'There is no such permission.',
  help: 'The list at `/api/v1/permissions` has every permission of this product, with the attributes that a condition may name.',
})
export const badCondition = failure('role.bad_condition', {
  status: 422,
  title: 'This condition cannot be used.',
  help: 'The entry of `errors` says which clause is meant and why: an attribute that the records do not have, a network that is none, a time zone that does not exist.',
})
export const notAssignable = failure('assignment.not_assignable', {
  status: 422,
  title: 'This role cannot be given so.',
  help: 'Whoever it is for must be a member or a service account, the team or record must exist and be of a kind that roles can reach, an end must be in the future, and the one role of the system that a member has for the whole organisation is changed in the list of members.',
})
export const alreadyAssigned = failure('assignment.exists', {
  status: 409,
  title: 'They have this role there already.',
  help: 'Withdraw the assignment first if you want to give it another end.',
})
export const baseAssignment = failure('assignment.of_membership', {
  status: 422,
  title: 'Every member has one role for the whole organisation.',
  help: 'It cannot be withdrawn, only changed, in the list of members: a guest may do nothing but what other roles give. To take it away altogether, remove the member.',
})
export const teamNameTaken = failure('team.name_taken', {
  status: 409,
  title: 'There is a team with this name already.',
  help: 'Names of teams differ within an organisation.',
})
export const notOfTeam = failure('team.not_lead', {
  status: 403,
  title: 'Only leads of this team, and whoever may change all teams, can do this.',
  help: 'Ask a lead of the team, an administrator or an owner.',
})
export const alreadyInTeam = failure('team.already_member', {
  status: 409,
  title: 'They are in this team already.',
  help: 'What they may do on its records is a role, which can be given beside.',
})
