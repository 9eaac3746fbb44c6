import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { TestInstallation } from '../installation.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser, narrow, visit } from './browser.ts'

/** What staff do to a tenant in their console, and what its people see of it. */

let site: TestInstallation
let browser: Browser

before(async () => {
  site = await TestInstallation.start({ web: true, demoData: true })
  browser = await launchBrowser()
})
after(async () => {
  await browser.close()
  await site.stop()
})

/** Opens acme in the console and does one thing to it. */
async function act(page: Page, action: string, { slug }: { slug?: string } = {}): Promise<void> {
  await page.goto('/staff/tenants?search=acme')
  await page.getByRole('link', { name: 'Acme Robotics' }).click()
  await page.getByRole('button', { name: new RegExp(`^${action} `) }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(`To see how to ${action.toLowerCase()}`)
  if (slug !== undefined) await dialog.getByLabel('Type acme to confirm').fill(slug)
  await dialog.getByRole('button', { name: action, exact: true }).click()
}

test('staff make a tenant read-only, suspend, cancel and restore it, and its people are told each time', async () => {
  const console = await visit(browser, site.url, { as: 'staff@tenantry.test' })
  const owner = await visit(browser, site.url, { as: 'owner@acme.test' })
  const member = await visit(browser, site.url, { as: 'member@acme.test', viewport: narrow, theme: 'dark' })

  await act(console.page, 'Make read-only')
  await console.page.getByText('Acme Robotics is read-only.').waitFor()
  await owner.page.goto('/o/acme/projects')
  await owner.page.getByText('This organisation can be read, but not changed.').waitFor()
  await owner.page.getByRole('button', { name: 'New project' }).click()
  await owner.page.getByLabel('Name', { exact: true }).fill('Too late')
  await owner.page.getByRole('button', { name: 'Create project' }).click()
  await owner.page.getByRole('alert').getByText('This organisation can be read, but not changed.').waitFor()
  await owner.page.goto('/o/acme/audit')
  await owner.page.getByRole('row').filter({ hasText: 'tenant.suspended' }).getByText('Tenantry Staff').waitFor()

  await act(console.page, 'Suspend tenant')
  await console.page.getByText('Acme Robotics is suspended.').waitFor()
  await member.page.goto('/o/acme/projects')
  await member.page.getByRole('heading', { name: 'This organisation is suspended' }).waitFor()
  await assertAccessible(member.page)

  await act(console.page, 'Cancel tenant', { slug: 'acne' })
  const dialog = console.page.getByRole('dialog')
  assert.deepEqual(await dialog.getByRole('button').allTextContents(), ['Go back', 'Cancel tenant'])
  await dialog.getByText('What you typed is not the name that was asked for.').waitFor()
  await dialog.getByLabel('Type acme to confirm').fill('acme')
  await dialog.getByRole('button', { name: 'Cancel tenant', exact: true }).click()
  await console.page.getByText('Acme Robotics is cancelled.').waitFor()
  assert.ok(await console.page.getByRole('button', { name: /^Purge tenant / }).isDisabled())

  await member.page.reload()
  await member.page.getByRole('heading', { name: 'This organisation was cancelled' }).waitFor()
  assert.equal(await member.page.getByRole('button', { name: 'Restore organisation' }).count(), 0)
  await owner.page.goto('/o/acme/projects')
  await owner.page.getByText('To see how to cancel tenant').waitFor()
  await assertAccessible(owner.page)

  await act(console.page, 'Restore tenant')
  await console.page.getByText('Acme Robotics is restored.').waitFor()
  await console.page.getByRole('definition').getByText('Suspended').waitFor()
  await act(console.page, 'Reactivate tenant')
  await console.page.getByText('Acme Robotics is active again.').waitFor()
  await member.page.reload()
  await member.page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor()
  for (const { context } of [console, owner, member]) await context.close()
})

test('an owner cancels an organisation by its name, and restores it', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'owner@globex.test' })
  await page.goto('/o/globex/settings')
  await page.getByRole('button', { name: 'Cancel organisation' }).click()
  const dialog = page.getByRole('dialog')
  // One button cancels, and it is the one that says so; the other leaves everything as it is.
  assert.deepEqual(await dialog.getByRole('button').allTextContents(), ['Go back', 'Cancel organisation'])
  await dialog.getByLabel('Reason').fill('We close down')
  await dialog.getByLabel('Type Globex to confirm').fill('Globex')
  await dialog.getByRole('button', { name: 'Cancel organisation' }).click()
  await page.getByRole('heading', { name: 'This organisation was cancelled' }).waitFor()
  await page.getByText('We close down').waitFor()
  await page.getByLabel('Why it is restored').fill('A buyer was found')
  await page.getByRole('button', { name: 'Restore organisation' }).click()
  await page.getByRole('heading', { level: 1, name: 'Organisation' }).waitFor()
  await context.close()
})
