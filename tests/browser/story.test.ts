import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { TestInstallation } from '../installation.ts'
import { launchBrowser, narrow, visit } from './browser.ts'

/** The main story, as two people live it: each in a browser of their own, one of them on a phone. */

const password = 'four unrelated words here'
const founder = 'nuria@nubes.test'
const colleague = 'tom@nubes.test'

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

test('from signing up to the audit log, in two browsers', async (t) => {
  const { page, wrong } = await visit(browser, site.url)
  const phone = await visit(browser, site.url, { viewport: narrow, theme: 'dark' })

  await t.test('a person signs up, confirms the address by the mail, and founds an organisation', async () => {
    await signUp(page, founder, 'Nuria Gómez')
    await page.goto(await linkTo(founder, 'verify'))
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signIn(page, founder)
    await page.getByLabel('Name').fill('Nubes Robotics')
    await page.getByRole('button', { name: 'Create organisation' }).click()
    await page.getByRole('heading', { name: 'Invite your colleagues' }).waitFor()
    await page.getByRole('button', { name: 'Later' }).click()
    await page.getByRole('heading', { name: 'To begin with' }).waitFor()
    assert.equal(await page.title(), 'To begin with · Nubes Robotics · Atlas')
    const steps = page.getByRole('listitem')
    await steps.filter({ hasText: 'Name your organisation' }).getByText('Done', { exact: true }).waitFor()
    await steps.filter({ hasText: 'Create a project' }).getByText('To do', { exact: true }).waitFor()
  })

  await t.test('invites a colleague, who joins in another browser', async () => {
    await page.getByRole('link', { name: 'Members' }).click()
    await page.getByRole('button', { name: 'Invite' }).click()
    await page.getByLabel('E-mail').fill(colleague)
    await page.getByRole('button', { name: 'Send invitation' }).click()
    await page.getByRole('heading', { name: 'Open invitations' }).waitFor()

    const invitation = await linkTo(colleague, 'invitation')
    await signUp(phone.page, colleague, 'Tom Mercer')
    await phone.page.goto(await linkTo(colleague, 'verify'))
    await phone.page.getByRole('button', { name: 'Confirm address' }).click()
    // Until then the address is not confirmed.
    await phone.page.getByRole('link', { name: 'Sign in' }).waitFor()
    await phone.page.goto(invitation)
    await phone.page.getByRole('link', { name: /^Sign in as/ }).click()
    await signIn(phone.page, colleague)
    await phone.page.getByRole('button', { name: 'Join Nubes Robotics' }).click()
    await phone.page.getByRole('button', { name: 'Do not show this again' }).click()
    await phone.page.getByRole('heading', { name: 'No projects yet' }).waitFor()
  })

  await t.test('creates a project with tasks', async () => {
    await page.getByRole('link', { name: 'Projects' }).click()
    await page.getByRole('button', { name: 'New project' }).first().click()
    await page.getByLabel('Name', { exact: true }).fill('Supplier portal')
    await page.getByRole('button', { name: 'Create project' }).click()
    await page.getByRole('link', { name: 'Supplier portal' }).click()
    for (const title of ['Write the contract', 'Invite the first ten']) {
      await page.getByRole('button', { name: 'Add task' }).first().click()
      await page.getByLabel('Title').fill(title)
      await page.getByLabel('Assignee').selectOption({ label: 'Tom Mercer' })
      await page.locator('dialog[open]').getByRole('button', { name: 'Add task' }).click()
      await page.getByRole('button', { name: title, exact: true }).waitFor()
    }
  })

  await t.test('the colleague finds the tasks among theirs and finishes one', async () => {
    await phone.page.getByRole('button', { name: 'Menu' }).click()
    await phone.page.getByRole('link', { name: 'My tasks' }).click()
    await phone.page.getByRole('link', { name: 'Write the contract' }).click()
    await phone.page.getByLabel('Status').selectOption('done')
    await phone.page.getByRole('button', { name: 'Save' }).click()
    await phone.page.getByText('Write the contract was saved.').waitFor()
  })

  await t.test('deletes the project, undoes it, deletes it again and restores it from the trash', async () => {
    await page.getByRole('link', { name: 'Projects', exact: true }).first().click()
    await deleteProject(page)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('link', { name: 'Supplier portal' }).waitFor()
    await deleteProject(page)
    await page.getByRole('link', { name: 'Trash' }).click()
    await page.getByRole('button', { name: 'Actions: Supplier portal' }).click()
    await page.getByRole('button', { name: 'Restore' }).click()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
    await page.getByRole('link', { name: 'Projects', exact: true }).first().click()
    await page.getByRole('link', { name: 'Supplier portal' }).click()
    await page.getByText('1 of 2').waitFor()
  })

  await t.test('sees in the audit log who did what, before and after', async () => {
    await page.getByRole('link', { name: 'Audit log' }).click()
    const entry = page.getByRole('row').filter({ hasText: 'task.updated' })
    await entry.getByText('Tom Mercer').waitFor()
    await entry.getByRole('button').click()
    const sheet = page.locator('dialog[open]')
    assert.equal(await sheet.locator('.removed').first().innerText(), '−\nBefore:\ntodo')
    assert.equal(await sheet.locator('.added').first().innerText(), '+\nAfter:\ndone')
  })

  await t.test('a member of another organisation finds nothing there', async () => {
    const other = await visit(browser, site.url, { as: 'owner@globex.test' })
    await other.page.goto('/o/nubes-robotics/projects')
    await other.page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await other.context.close()
  })

  assert.deepEqual(wrong.filter(isUnexpected), [])
  assert.deepEqual(phone.wrong.filter(isUnexpected), [])
})

/** Asking who is signed in is answered 401 to nobody, which Chromium reports as an error. */
function isUnexpected(message: string): boolean {
  return !message.includes('status of 401')
}

async function signUp(page: Page, email: string, name: string): Promise<void> {
  await page.goto('/sign-up')
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function deleteProject(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Actions: Supplier portal' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Supplier portal is in the trash.').last().waitFor()
}

/** The path in the mail, for the server of the test is on another port than it says. */
async function linkTo(email: string, page: 'verify' | 'invitation'): Promise<string> {
  const text = await site.mailTo(email, `/${page}?`)
  return new RegExp(`/${page}\\?\\S+`).exec(text)?.[0] ?? ''
}
