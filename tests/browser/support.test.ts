import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { demoPassword, staff } from '../../platform/src/demo-people.ts'
import { TestInstallation } from '../installation.ts'
import { launchBrowser, visit } from './browser.ts'

let site: TestInstallation
let browser: Browser
before(async () => {
  site = await TestInstallation.start({ web: true })
  browser = await launchBrowser()
})
after(async () => {
  await browser.close()
  await site.stop()
})

test('staff sign in to the console, ask, are let in, read under a banner, and stop', async () => {
  const { context, page, wrong } = await visit(browser, site.url)
  await page.goto('/staff')
  await page.getByLabel('E-mail address').fill(staff.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('link', { name: 'Acme Robotics' }).click()
  await page.getByRole('button', { name: 'Ask to look in' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Member who asked for help').fill('owner@acme.test')
  await dialog.getByLabel('Ticket').fill('T-1042')
  await dialog.getByLabel('Reason').fill('The board stays empty for them')
  await dialog.getByRole('button', { name: 'Ask to look in' }).click()
  await page.getByText('Waits for consent').waitFor()

  const owner = await visit(browser, site.url, { as: 'owner@acme.test' })
  await owner.page.goto('/o/acme/support')
  await owner.page.getByRole('button', { name: 'Let in' }).click()
  await owner.page.getByText('Reads, 30 more minutes').waitFor()

  await page.reload()
  const opened = context.waitForEvent('page')
  await page.getByRole('link', { name: 'Open workspace' }).click()
  const workspace = await opened
  await workspace.getByText('You see Acme Robotics as Lucía Marín does.').waitFor()
  await workspace.getByRole('link', { name: 'Members' }).click()
  await workspace.getByRole('link', { name: 'Samuel Kerr' }).waitFor()
  await workspace.getByText('Read-only', { exact: false }).waitFor()
  await workspace.getByRole('button', { name: 'Stop' }).click()
  await workspace.getByText('Ended by staff').waitFor()

  await owner.page.goto('/o/acme/audit')
  await owner.page.getByText('Tenantry Staff').first().waitFor()
  assert.deepEqual([...wrong.filter((each) => !each.includes('401')), ...owner.wrong], [])
})
