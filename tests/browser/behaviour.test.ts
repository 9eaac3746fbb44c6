import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { TestInstallation } from '../installation.ts'
import { launchBrowser, narrow, visit } from './browser.ts'

/** What people rely on in every page: the keyboard, the address, failures that lose nothing. */

const owner = 'owner@acme.test'
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

test('a link into the workspace survives signing in', async () => {
  const { context, page } = await visit(browser, site.url)
  await page.goto('/o/acme/projects?search=gripper')
  await page.getByLabel('E-mail address').fill(owner)
  await page.getByLabel('Password').fill('demo-password-1')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('link', { name: 'Gripper v3 launch' }).waitFor()
  assert.match(page.url(), /\/o\/acme\/projects\?search=gripper$/)
  await context.close()
})

test('a link from elsewhere cannot send people away after they have signed in', async () => {
  const { context, page } = await visit(browser, site.url)
  for (const next of ['https://elsewhere.test/', '//elsewhere.test/', '/\\elsewhere.test/']) {
    await page.goto(`/sign-in?${new URLSearchParams({ next })}`)
    await page.getByRole('button', { name: /^owner@acme\.test/ }).click()
    await page.getByRole('heading', { level: 1, name: 'To begin with' }).waitFor()
    assert.equal(new URL(page.url()).origin, site.url)
    await context.clearCookies()
  }
  await context.close()
})

test('a wrong password and an unknown address are answered alike, and keep what was typed', async () => {
  const { context, page } = await visit(browser, site.url)
  const said: string[] = []
  for (const email of [owner, 'nobody@acme.test']) {
    await page.goto('/sign-in')
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password').fill('certainly not this one')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    said.push(await page.getByRole('alert').innerText())
    assert.equal(await page.getByLabel('E-mail address').inputValue(), email)
  }
  assert.equal(said[0], said[1])
  await context.close()
})

test('who has not confirmed the address yet is told so at sign-in, and can have the mail again', async () => {
  const { context, page } = await visit(browser, site.url)
  const account = { email: 'new@acme.test', password: 'four unrelated words here' }
  await site.ask('POST', '/api/v1/accounts', { body: { ...account, name: 'New Person' } })
  await page.goto('/sign-in')
  await page.getByLabel('E-mail address').fill(account.email)
  await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
  await page.getByRole('button', { name: 'Send it again' }).click()
  await page.getByText(`Another link is on its way to ${account.email}.`).waitFor()
  await context.close()
})

test('filters and sort live in the address: reload, Back and clearing', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/projects')
  await page.getByRole('combobox', { name: 'Status' }).selectOption('atRisk')
  await page.getByRole('link', { name: 'Supplier portal' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Project', exact: true }).click()
  await page.waitForURL('**/projects?state=atRisk&sort=name')
  await page.reload()
  assert.equal(await page.getByRole('combobox', { name: 'Status' }).inputValue(), 'atRisk')
  assert.equal(await page.getByRole('columnheader', { name: 'Project' }).getAttribute('aria-sort'), 'ascending')
  await page.goBack()
  await page.waitForURL('**/projects?state=atRisk')
  await page.getByRole('searchbox').fill('no such project')
  await page.getByRole('heading', { name: 'Nothing matches the filters' }).waitFor()
  await page.getByRole('button', { name: 'Clear filters', exact: true }).click()
  await page.getByRole('link', { name: 'Supplier portal' }).waitFor()
  await context.close()
})

test('a list that cannot be loaded says so, with the reference, and can be tried again', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.route('**/api/v1/projects?*', (route) => route.fulfill({ status: 500, body: '' }))
  await page.goto('/o/acme/projects')
  await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor()
  assert.equal(await page.getByText('No projects yet').count(), 0)
  await page.unroute('**/api/v1/projects?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('link', { name: 'Supplier portal' }).waitFor()
  await context.close()
})

test('the command palette goes anywhere by the keyboard, and offers only what is permitted', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/projects')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('Control+k')
  const options = page.getByRole('option')
  assert.ok((await options.count()) >= 10)
  await page.keyboard.type('grip')
  await page.getByRole('option', { name: 'Gripper v3 launch' }).waitFor()
  // What is found for one more letter comes too late for whoever is fast.
  await page.route(
    (url) => url.search.includes('gripp'),
    (route) => setTimeout(() => void route.continue().catch(() => {}), 2_000),
  )
  const asked = page.waitForRequest((request) => request.url().includes('gripp'))
  await page.keyboard.type('p')
  await asked
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Gripper v3 launch' }).waitFor()

  const viewer = await visit(browser, site.url, { as: 'viewer@acme.test' })
  await viewer.page.goto('/o/acme/projects')
  await viewer.page.getByRole('heading', { level: 1 }).waitFor()
  await viewer.page.keyboard.press('Control+k')
  await viewer.page.getByRole('option', { name: 'Projects' }).waitFor()
  assert.equal(await viewer.page.getByRole('option', { name: /New project|API key|Audit/ }).count(), 0)
  assert.equal(await viewer.page.getByRole('button', { name: 'New project' }).count(), 0)
  await viewer.context.close()
  await context.close()
})

test('? lists the shortcuts, but not while somebody types', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/projects')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('?/')
  assert.equal(await page.getByRole('searchbox').inputValue(), '?/')
  await page.getByRole('heading', { level: 1 }).click()
  await page.locator('#content').focus()
  await page.keyboard.press('?')
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
  await context.close()
})

test('a dialog keeps the focus, Escape closes it, and the focus returns', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/members')
  await page.getByRole('button', { name: 'Invite' }).click()
  for (let tab = 0; tab < 6; tab++) {
    await page.keyboard.press('Tab')
    const outside = await page.evaluate(
      () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
    )
    assert.equal(outside, false)
  }
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Invite somebody' }).waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Invite')
  await context.close()
})

test('a double click sends one request; a refused field gets the focus and keeps what was typed', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/members?open=invite')
  await page.getByLabel('E-mail').fill('not an address')
  await page.getByRole('button', { name: 'Send invitation' }).click()
  await page.locator('[aria-invalid=true]').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'email')
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'not an address')
  let sent = 0
  page.on('request', (request) => {
    if (request.method() === 'POST') sent += 1
  })
  await page.getByLabel('E-mail').fill('twice@acme.test')
  await page.getByRole('button', { name: 'Send invitation' }).dblclick()
  await page.getByRole('heading', { name: 'Open invitations' }).waitFor()
  assert.equal(sent, 1)
  await context.close()
})

test('a new key is shown once, and closing asks whether it was stored', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/keys?open=new')
  await page.getByLabel('Name').fill('Warehouse scanner')
  await page.getByRole('button', { name: 'Create API key' }).last().click()
  await page.getByRole('alert').getByText('Choose at least one scope.').waitFor()
  await page.getByLabel('project:read').check()
  await page.getByRole('button', { name: 'Create API key' }).last().click()
  const key = await page.locator('.secret .mono').innerText()
  assert.match(key, /^tk_/)
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.secret').count(), 1)
  assert.equal(await page.getByRole('button', { name: 'Done' }).isDisabled(), true)
  await page.getByLabel('I have stored this key somewhere safe').check()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('rowheader', { name: 'Warehouse scanner' }).waitFor()
  assert.equal((await page.content()).includes(key), false)
  assert.equal((await site.request('GET', '/api/v1/projects', { as: key })).status, 200)
  await context.close()
})

test('two people change one project: the second is told, and keeps what they typed', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner })
  await page.goto('/o/acme/projects?search=payroll')
  await page.getByRole('link', { name: 'Payroll migration' }).click()
  await page.getByRole('button', { name: 'Edit project' }).click()
  await page.getByLabel('Description').fill('Typed by the owner')
  const { items } = await site.ask<{ items: { id: string }[] }>('GET', '/api/v1/projects?search=payroll', {
    as: 'admin@acme.test',
    tenant: 'acme',
  })
  const body = { description: 'Typed by the administrator' }
  await site.ask('PATCH', `/api/v1/projects/${items[0]?.id}`, { as: 'admin@acme.test', tenant: 'acme', body })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/Somebody else has changed this/).waitFor()
  assert.equal(await page.getByLabel('Description').inputValue(), 'Typed by the owner')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('paragraph').filter({ hasText: 'Typed by the owner' }).waitFor()
  await context.close()
})

test('a session that is ended elsewhere ends here with the next request', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'admin@acme.test' })
  await page.goto('/o/acme/projects')
  await page.getByRole('link', { name: 'Gripper v3 launch' }).waitFor()
  await site.ask('POST', '/api/v1/sessions/end-others', { as: 'admin@acme.test' })
  await page.getByRole('link', { name: 'Members' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  assert.match(page.url(), /next=%2Fo%2Facme%2Fmembers/)
  await context.close()
})

test('the theme and the language that were chosen stay, without a flash', async () => {
  const { context, page } = await visit(browser, site.url, { locale: 'es-ES' })
  await page.goto('/sign-in')
  await page.getByRole('heading', { level: 1, name: 'Entrar' }).waitFor()
  await page.getByRole('button', { name: 'Tema: como el sistema' }).click()
  await page.getByRole('button', { name: 'Tema: claro' }).click()
  // Without the workspace's own code: the theme must be there before it.
  await page.route('**/assets/*.js', (route) => route.abort())
  await page.reload()
  assert.equal(await page.evaluate(() => document.documentElement.dataset['theme']), 'dark')
  await page.unroute('**/assets/*.js')
  await page.reload()
  await page.getByRole('button', { name: 'English' }).click()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
  await context.close()
})

test('on a phone the navigation is a drawer that closes when one goes somewhere', async () => {
  const { context, page } = await visit(browser, site.url, { as: owner, viewport: narrow })
  await page.goto('/o/acme/projects')
  const members = page.getByRole('link', { name: 'Members' })
  assert.equal(await members.isVisible(), false)
  await page.getByRole('button', { name: 'Menu' }).click()
  await members.click()
  await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor()
  assert.equal(await members.isVisible(), false)
  await context.close()
})

test('the last owner is told why they cannot leave', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'owner@globex.test' })
  await page.goto('/o/globex/settings')
  await page.getByRole('button', { name: 'Leave organisation' }).click()
  await page.locator('dialog[open]').getByRole('button', { name: 'Leave organisation' }).click()
  assert.match(await page.getByRole('alert').innerText(), /owner/)
  await context.close()
})

test('the trash restores one or many, asks about a name that is taken, and deletes for good what is named', async () => {
  const asking = { as: owner, tenant: 'acme' }
  for (const name of ['Trash one', 'Trash two', 'Trash two', 'Trash three']) {
    const { id } = await site.ask<{ id: string }>('POST', '/api/v1/projects', { ...asking, body: { name } })
    await site.ask('DELETE', `/api/v1/projects/${id}`, asking)
  }
  await site.ask('POST', '/api/v1/projects', { ...asking, body: { name: 'Trash one' } })
  const { context, page } = await visit(browser, site.url, { as: owner })
  const act = async (name: string, does: string) => {
    await page.getByRole('button', { name: `Actions: ${name}` }).click()
    await page.getByRole('button', { name: does }).click()
  }
  await page.goto('/o/acme/trash')
  await page.getByRole('combobox', { name: 'Type' }).selectOption('project')
  await page.waitForURL('**/trash?resource=project')
  await act('Trash one', 'Restore')
  const dialog = page.getByRole('dialog')
  assert.equal(await dialog.getByLabel('Name from now on').inputValue(), 'Trash one (restored)')
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await page.getByText('Trash one (restored) is back.').waitFor()

  await act('Trash three', 'Delete for good')
  await dialog.getByLabel('Its name, to be sure').fill('Trash two')
  await dialog.getByRole('button', { name: 'Delete for good' }).click()
  await dialog.getByText('What you typed is not its name.').waitFor()
  await dialog.getByLabel('Its name, to be sure').fill('Trash three')
  await dialog.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByText('Trash three was deleted for good.').waitFor()

  await page.getByRole('button', { name: 'Choose all' }).click()
  await page.getByText('2 chosen').waitFor()
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByText('1 record is back.').waitFor()
  await page.getByRole('alert').getByText('1 could not be restored and is still chosen.').waitFor()
  const left = page.getByRole('checkbox', { name: 'Choose Trash two' })
  // The one that is back leaves the list when that has been read again.
  await left.nth(1).waitFor({ state: 'detached' })
  assert.equal(await left.isChecked(), true)
  await context.close()

  const viewer = await visit(browser, site.url, { as: 'viewer@acme.test' })
  await viewer.page.goto('/o/acme/projects')
  await viewer.page.getByRole('link', { name: 'My tasks' }).waitFor()
  assert.equal(await viewer.page.getByRole('link', { name: 'Trash', exact: true }).count(), 0)
  await viewer.context.close()
})
