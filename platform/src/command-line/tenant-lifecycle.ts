import { createInterface } from 'node:readline/promises'
import { requireOperation } from '#kernel/operation'
import { system } from '../system-session.ts'
import { print } from './output.ts'
import { withInstallation } from './session.ts'
import { requireTenant } from './tenants.ts'

interface ChangeOptions {
  readonly reason: string
  readonly json?: boolean
}

interface Changed {
  readonly name: string
  readonly plan: string
  readonly state: string
  readonly purgeAfter: string | null
}

/** `tenantry tenants suspend <tenant>` */
export async function suspendTenant(reference: string, options: ChangeOptions & { readOnly?: boolean }): Promise<void> {
  const mode = options.readOnly ? 'read_only' : 'blocked'
  await change('staffTenants.suspend', reference, options, () => Promise.resolve({ mode }))
}

/** `tenantry tenants change-plan <tenant> <plan>` */
export async function changePlan(reference: string, plan: string, options: ChangeOptions): Promise<void> {
  await change('staffTenants.changePlan', reference, options, () => Promise.resolve({ plan }))
}

/** `tenantry tenants reactivate <tenant>` */
export async function reactivateTenant(reference: string, options: ChangeOptions): Promise<void> {
  await change('staffTenants.reactivate', reference, options)
}

/** `tenantry tenants cancel <tenant>`: asks for the typed slug, unless told --yes. */
export async function cancelTenant(reference: string, options: ChangeOptions & { yes?: boolean }): Promise<void> {
  await change('staffTenants.cancel', reference, options, (slug) => confirmed(slug, options))
}

/** `tenantry tenants restore <tenant>` */
export async function restoreTenant(reference: string, options: ChangeOptions): Promise<void> {
  await change('staffTenants.restore', reference, options)
}

/** `tenantry tenants purge <tenant>`: asks for the typed slug, unless told --yes. */
export async function purgeTenant(reference: string, options: ChangeOptions & { yes?: boolean }): Promise<void> {
  await change('staffTenants.purge', reference, options, (slug) => confirmed(slug, options))
}

/** By the same operation as in the staff console, as the system; `more` makes what the operation takes beside a reason. */
async function change(
  operation: string,
  reference: string,
  options: ChangeOptions,
  more: (slug: string) => Promise<object> = () => Promise.resolve({}),
): Promise<void> {
  const changed = await withInstallation(async (installation) => {
    const { id, slug } = await requireTenant(installation, reference)
    const input = { id, reason: options.reason, ...(await more(slug)) }
    return (await installation.call(requireOperation(installation.operations, operation), system, input)) as Changed
  })
  print(
    changed,
    options,
    ({ name, state, plan, purgeAfter }) =>
      `${name} is ${state} now, with the plan ${plan}.${purgeAfter === null ? '' : ` It can be restored until ${purgeAfter}.`}`,
  )
}

async function confirmed(slug: string, { yes }: { yes?: boolean }): Promise<{ slug: string }> {
  if (yes) return { slug }
  if (!process.stdin.isTTY) throw new Error(`Repeat with --yes when you mean ${slug}: here nobody can be asked.`)
  const dialog = createInterface({ input: process.stdin, output: process.stderr })
  const typed = await dialog.question(`Type ${slug} to confirm: `)
  dialog.close()
  return { slug: typed.trim() }
}
