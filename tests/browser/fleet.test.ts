import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser, visit } from './browser.ts'

/** What staff do to the fleet in their console. */

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

const error = `scratch text (up) failed on cell main: ${'column "body" of relation "notes" contains null values; '.repeat(4)}`

/** As a run leaves it that has failed at the pool, while nothing is wrong with it any more. */
async function failPool(): Promise<void> {
  const failed = "update control.fleet_targets set state = 'failed', error = $1, attempts = 3 where name = 'cell main'"
  await rowsOf(site.databases.controlUrl, failed, [error])
}

test('staff open the error of a target that failed, try it again, and see it come up without loading the page anew', async () => {
  await failPool()
  const { context, page, wrong } = await visit(browser, site.url, { as: 'staff@tenantry.test' })
  await page.goto('/staff')
  await page.getByRole('link', { name: 'Fleet' }).click()
  const row = page.getByRole('row').filter({ hasText: 'cell main' })
  await row.getByText('Failed 3 times in a row').waitFor()
  const text = row.getByText('scratch text (up) failed: column')
  const foldedHeight = (await text.boundingBox())?.height ?? 0
  await row.locator('summary').focus()
  await page.keyboard.press('Enter')
  const openHeight = (await text.boundingBox())?.height ?? 0
  assert.ok(openHeight > foldedHeight, `${foldedHeight} px folded, ${openHeight} px open`)
  await assertAccessible(page)

  await row.getByRole('button', { name: 'Retry cell main' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('heading', { name: 'Retry cell main?' }).waitFor()
  await assertAccessible(page)
  await dialog.getByLabel('Reason').fill('The column has a default now')
  await dialog.getByRole('button', { name: 'Retry' }).click()
  await page.getByText('cell main is tried again.').waitFor()
  await page.getByRole('heading', { name: 'Everything is at this release' }).waitFor()
  await page.getByRole('definition').getByText('2 of 2').waitFor()

  await page.getByRole('combobox', { name: 'State' }).selectOption('current')
  await page.getByRole('row').filter({ hasText: 'cell main' }).getByText('At this release').waitFor()
  assert.equal(new URL(page.url()).search, '?state=current')
  assert.deepEqual(wrong, [])
  await context.close()
})

test('staff pause migrations with a reason, which everybody sees, and nothing can be tried again until they resume', async () => {
  await failPool()
  const { context, page } = await visit(browser, site.url, { as: 'staff@tenantry.test' })
  await page.goto('/staff/fleet')
  await page.getByRole('button', { name: 'Pause migrations' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('Month end')
  await dialog.getByRole('button', { name: 'Pause migrations' }).click()
  await page.getByRole('status').getByText('Migrations are paused: Month end').waitFor()
  await page.getByText('by Tenantry Staff').waitFor()
  assert.ok(await page.getByRole('button', { name: 'Retry cell main' }).isDisabled())
  assert.ok(await page.getByRole('button', { name: 'Retry the failed one' }).isDisabled())
  assert.equal(await page.getByRole('button', { name: 'Pause migrations' }).count(), 0)
  await assertAccessible(page)

  await page.getByRole('button', { name: 'Resume' }).click()
  await dialog.getByLabel('Reason').fill('The month is over')
  await dialog.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause migrations' }).waitFor()
  await page.getByRole('button', { name: 'Retry the failed one' }).click()
  await dialog.getByLabel('Reason').fill('The month is over')
  await dialog.getByRole('button', { name: 'Retry' }).click()
  await page.getByText('One target is tried again.').waitFor()
  await page.getByRole('heading', { name: 'Everything is at this release' }).waitFor()
  await context.close()
})
