import { requireOperation } from '#kernel/operation'
import type { Installation } from '../installation.ts'
import { system } from '../system-session.ts'
import { columns, print } from './output.ts'
import { withInstallation } from './session.ts'

interface StaffRow {
  userId: string
  email: string
  since: string
  reason: string
}

/** `tenantry staff list` */
export async function listStaff(options: { json?: boolean }): Promise<void> {
  const { items } = await withInstallation(listed)
  print(items, options, (rows) =>
    rows.length === 0
      ? 'Nobody is staff yet. Appoint somebody: npx tenantry staff add person@example.com --reason "First of the team"'
      : columns([
          ['E-MAIL', 'SINCE', 'REASON'],
          ...rows.map(({ email, since, reason }) => [email, since.slice(0, 10), reason]),
        ]),
  )
}

/** `tenantry staff add <e-mail>` */
export async function addStaff(email: string, options: { reason: string; json?: boolean }): Promise<void> {
  const appointed = await withInstallation((installation) =>
    called(installation, 'staff.appoint', { email, reason: options.reason }),
  )
  print(appointed, options, () => `${email} is staff now.`)
}

/** `tenantry staff remove <e-mail>` */
export async function removeStaff(email: string, options: { reason: string; json?: boolean }): Promise<void> {
  await withInstallation(async (installation) => {
    const { items } = await listed(installation)
    const one = items.find((each) => each.email === email.toLowerCase())
    if (!one) throw new Error(`${email} is not staff. List who is: npx tenantry staff list`)
    await called(installation, 'staff.dismiss', { userId: one.userId, reason: options.reason })
  })
  print({ email }, options, () => `${email} is no longer staff.`)
}

async function listed(installation: Installation): Promise<{ items: StaffRow[] }> {
  return (await called(installation, 'staff.list', {})) as { items: StaffRow[] }
}

function called(installation: Installation, name: string, input: object): Promise<unknown> {
  return installation.call(requireOperation(installation.operations, name), system, input)
}
