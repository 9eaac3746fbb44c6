import type { Ctx } from '#kernel/context'
import { CsvFault } from '#kernel/csv'
import { operation } from '#kernel/operation'
import { permissionsOfRole } from '#modules/access'
import { invitationSent } from './events.ts'
import { unreadableFile } from './failures.ts'
import { type InvitationLine, invitationLines, isReadable, type ReadableLine } from './invitation-file.ts'
import { mailInvitation, newInvitation } from './invitation-mail.ts'
import * as invitations from './invitation-store.ts'
import { InvitationBatch, InvitationFile, type LineProblem } from './model.ts'

/** Inviting many people at once, by a file of comma-separated values. */

const input = { csv: InvitationFile }

export const previewInvitations = operation({
  name: 'invitations.previewMany',
  summary: 'Show what inviting by a CSV file would do, line by line',
  http: 'POST /invitations/batch/preview',
  input,
  output: InvitationBatch,
  status: 200,
  permission: 'invitation:create',
  errors: [unreadableFile],

  async run(ctx, { csv }) {
    const lines = await judged(ctx, csv)
    return { lines, invited: lines.filter(isReadable).length }
  },
})

export const createInvitations = operation({
  name: 'invitations.createMany',
  summary: 'Invite everybody whom a CSV file names, up to 500 at once',
  description:
    'The first line names the columns: `email`, `role` and, if you like, `name`. Lines with a problem are left out, and the answer says which.',
  http: 'POST /invitations/batch',
  input,
  output: InvitationBatch,
  status: 200,
  idempotency: 'required',
  permission: 'invitation:create',
  errors: [unreadableFile],
  emits: [invitationSent],

  async run(ctx, { csv }) {
    const lines = await judged(ctx, csv)
    const made = lines.filter(isReadable).map(({ email, role, name }) => ({ ...newInvitation(ctx), email, role, name }))
    const tokens = new Map(made.map(({ id, token }) => [id, token]))
    const sent = await invitations.insertInvitations(ctx, made)
    for (const invitation of sent) {
      ctx.record(invitationSent, { after: invitation })
      mailInvitation(ctx, invitation, tokens.get(invitation.id) ?? '')
    }
    const invited = new Set(sent.map(({ email }) => email))
    // Somebody else invited them at the same moment.
    const outcome = lines.map((each) =>
      isReadable(each) && !invited.has(each.email) ? withProblem(each, 'invited') : each,
    )
    return { lines: outcome, invited: sent.length }
  },
})

/** The lines of a file, with what the file itself, the members and the open invitations say against each. */
async function judged(ctx: Ctx, csv: string): Promise<InvitationLine[]> {
  const lines = readLines(ctx, csv)
  const readable = lines.filter(isReadable)
  const [known, refused] = [
    await invitations.knownAddresses(
      ctx,
      readable.map(({ email }) => email),
    ),
    await rolesRefused(ctx, readable),
  ]
  return lines.map((each) => {
    if (!isReadable(each)) return each
    if (refused.has(each.role)) return withProblem(each, 'notGrantable')
    const problem = known.get(each.email)
    return problem ? withProblem(each, problem) : each
  })
}

function readLines(ctx: Ctx, csv: string): InvitationLine[] {
  try {
    return invitationLines(csv)
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error
    const detail = `Line ${error.line}: ${error.message}`
    return ctx.fail(unreadableFile, { detail, errors: [{ pointer: '#/csv', code: 'unreadable', detail }] })
  }
}

/** Nobody grants more than they hold. */
async function rolesRefused(ctx: Ctx, lines: readonly ReadableLine[]): Promise<Set<string>> {
  const refused = new Set<string>()
  for (const role of new Set(lines.map((each) => each.role))) {
    const granted = await permissionsOfRole(ctx, role)
    if (!granted.every((permission) => ctx.permissions.has(permission))) refused.add(role)
  }
  return refused
}

function withProblem(line: InvitationLine, problem: LineProblem): InvitationLine {
  return { ...line, problem }
}
