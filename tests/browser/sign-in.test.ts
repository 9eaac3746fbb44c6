import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { codeShown } from '../../platform/src/modules/identity/authenticator.fixture.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { assertAccessible, isWiderThanScreen } from './accessible.ts'
import { launchBrowser, narrow, visit } from './browser.ts'

/** What stands between a stolen password and an organisation, as people meet it. */

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

test('people set up an app, keep recovery codes, and sign in with either', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'viewer@acme.test', viewport: narrow, theme: 'dark' })
  await page.goto('/account/security')
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor()
  await assertAccessible(page)
  const secret = await dialog.locator('.secret .mono').innerText()
  await dialog.getByRole('textbox', { name: 'Code' }).fill('000000')
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await dialog.getByText('This code is wrong, or it was used before.').waitFor()
  await dialog.getByRole('textbox', { name: 'Code' }).fill(codeShown(secret, Date.now()))
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await dialog.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  const codes = (await dialog.locator('.secret .mono').innerText()).split('\n')
  assert.equal(codes.length, 10)
  await dialog.getByLabel('I have stored them').check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByText('10 left').waitFor()

  await context.clearCookies()
  await page.goto('/sign-in?next=/account')
  await page.getByLabel('E-mail address').fill('viewer@acme.test')
  await page.getByLabel('Password').fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
  await page.getByLabel('Recovery code').fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('heading', { level: 1, name: 'Account' }).waitFor()
  await context.close()
})

test('what is grave asks for the password once more, and is done after it', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'owner@acme.test' })
  await page.goto('/o/acme/keys?open=new')
  const form = page.getByRole('dialog', { name: 'Create API key' })
  await form.getByLabel('Name').fill('Nightly export')
  await form.getByLabel('project:read').check()
  await rowsOf(
    site.databases.controlUrl,
    "update identity.sessions set created_at = created_at - interval '11 minutes'",
  )
  site.installation.gates.forget()
  await form.getByRole('button', { name: 'Create API key' }).click()
  const proof = page.getByRole('dialog', { name: 'Prove that it is you' })
  await proof.getByLabel('Your password').fill('certainly not this one')
  await proof.getByRole('button', { name: 'Go on' }).click()
  await proof.getByText('This is not your current password.').waitFor()
  await assertAccessible(page)
  await proof.getByLabel('Your password').fill(demoPassword)
  await proof.getByRole('button', { name: 'Go on' }).click()
  await page.locator('.secret .mono').waitFor()
  await context.close()
})

test('an organisation that asks for a second factor leads to setting one up, one with old sessions to signing in', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'member@acme.test' })
  const set = async (column: string) => {
    await rowsOf(site.databases.controlUrl, `update control.tenants set ${column} where slug = 'acme'`)
    site.installation.gates.forget()
  }
  await set('mfa_required = true')
  await page.goto('/o/acme/projects')
  await page.getByRole('heading', { name: 'This organisation asks for a second factor' }).waitFor()
  await assertAccessible(page)
  await page.getByRole('link', { name: 'Set it up' }).click()
  await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor()
  await set('mfa_required = false, session_max_hours = 1')
  await rowsOf(site.databases.controlUrl, "update identity.sessions set created_at = created_at - interval '2 hours'")
  await page.goto('/o/acme/projects')
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await page.getByLabel('E-mail address').fill('member@acme.test')
  await page.getByLabel('Password').fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor()
  await context.close()
})

/** A device of this page's owner, who confirms whatever it asks; `confirm(false)`: from now on they do not. */
async function deviceFor(page: Page): Promise<{ confirm: (does: boolean) => Promise<unknown> }> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const confirm = (does: boolean) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: does })
  return { confirm }
}

test('people add a passkey, sign in with it alone, use it as second step and to prove who they are, and remove it', async () => {
  // Passkeys are bound to a name: an address of numbers has none.
  const address = site.url.replace('127.0.0.1', 'localhost')
  const { context, page, wrong } = await visit(browser, address, { as: 'admin@acme.test', viewport: narrow })
  const { confirm } = await deviceFor(page)
  await page.goto('/account/security')
  await page.getByText('You have no passkey yet.').waitFor()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('My phone')
  await confirm(false)
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await dialog.getByText('No passkey was made.').waitFor()
  await confirm(true)
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await dialog.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  await dialog.getByLabel('I have stored them').check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByText('My phone', { exact: true }).waitFor()
  await assertAccessible(page)
  assert.equal(await isWiderThanScreen(page), false)

  await context.clearCookies()
  await page.goto('/sign-in?next=/account/security')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('My phone', { exact: true }).waitFor()

  await context.clearCookies()
  await page.goto('/sign-in?next=/account/security')
  await page.getByLabel('E-mail address').fill('admin@acme.test')
  await page.getByLabel('Password').fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  await confirm(false)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('No passkey was used.').waitFor()
  await confirm(true)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('My phone', { exact: true }).waitFor()

  site.clock.aheadMs += 11 * 60_000
  await page.getByRole('button', { name: 'Remove' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  const proof = page.getByRole('dialog', { name: 'Prove that it is you' })
  await proof.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('You have no passkey yet.').waitFor()
  const unexpected = wrong.filter((message) => !/status of 40[134]|ProblemError/.test(message))
  assert.deepEqual(unexpected, [])
  await context.close()
})
