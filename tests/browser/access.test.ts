import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { TestInstallation } from '../installation.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser, visit } from './browser.ts'

/** Roles of one's own and teams, made and given in the workspace. */

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

const owner = { as: 'owner@acme.test', tenant: 'acme' }

async function permissionsOf(name: string): Promise<unknown> {
  const { items } = await site.ask<{ items: { name: string; permissions: unknown }[] }>('GET', '/api/v2/roles', owner)
  return items.find((role) => role.name === name)?.permissions
}

async function makeRole(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New role' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Create role' }).click()
}

test('an owner makes a role, ticks what it permits, adds a condition that is shown in words, and deletes it', async () => {
  const { context, page, wrong } = await visit(browser, site.url, owner)
  await page.goto('/o/acme/projects')
  await page.getByRole('link', { name: 'Roles' }).click()
  await makeRole(page, 'owner')
  await page.getByRole('dialog').getByText('There is a role with this name already.').waitFor()
  await page.getByRole('dialog').getByLabel('Name').fill('Night watch')
  await page.getByRole('dialog').getByRole('button', { name: 'Create role' }).click()
  await page.getByRole('heading', { level: 1, name: 'Night watch' }).waitFor()

  await page.getByRole('checkbox', { name: 'project:read' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('checkbox', { name: 'task:update' }).check()
  await page.getByRole('button', { name: 'Add condition' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Permission').selectOption('task:update')
  await dialog.getByLabel('Condition').selectOption({ label: 'The request comes from a network' })
  await dialog.getByLabel('Values').fill('192.0.2.0/24')
  await assertAccessible(page)
  await dialog.getByRole('button', { name: 'Add condition' }).click()
  await page.getByText('the request comes from 192.0.2.0/24', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Night watch was saved.').waitFor()
  await page.reload()
  await page.getByRole('checkbox', { name: 'task:update, under a condition' }).waitFor()
  await page.getByText('the request comes from 192.0.2.0/24', { exact: true }).waitFor()
  assert.deepEqual(await permissionsOf('Night watch'), [
    { permission: 'project:read', condition: null },
    { permission: 'task:update', condition: [{ network: ['192.0.2.0/24'] }] },
  ])

  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Night watch was deleted.').waitFor()
  assert.equal(await permissionsOf('Night watch'), undefined)
  assert.deepEqual(
    wrong.filter((message) => !/status of 409/.test(message)),
    [],
  )
  await context.close()
})

test('an administrator can tick only what they hold, and nobody can change a role of the system', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'admin@acme.test' })
  await page.goto('/o/acme/roles')
  await makeRole(page, 'Helpers')
  await page.getByRole('heading', { level: 1, name: 'Helpers' }).waitFor()
  assert.ok(await page.getByRole('checkbox', { name: 'project:read' }).isEnabled())
  const transfer = page.getByRole('checkbox', { name: 'tenant:transfer' })
  assert.ok(await transfer.isDisabled())
  assert.equal(
    await transfer.getAttribute('title'),
    'tenant:transfer: you do not hold it yourself, so you cannot give it.',
  )
  await page.getByRole('link', { name: 'Roles' }).last().click()
  await page.getByRole('link', { name: 'Viewer' }).click()
  await page.getByText('Every organisation has this role.').waitFor()
  assert.ok(await page.getByRole('checkbox', { name: 'project:read' }).isDisabled())
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
  await context.close()
})

test('an owner makes a team, names a lead, who takes somebody in, and deletes it knowing what that means', async () => {
  const { context, page } = await visit(browser, site.url, owner)
  await page.goto('/o/acme/teams')
  await page.getByRole('heading', { name: 'No teams yet' }).waitFor()
  await page.getByRole('button', { name: 'New team' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('North')
  await dialog.getByRole('button', { name: 'Create team' }).click()
  await page.getByRole('heading', { level: 1, name: 'North' }).waitFor()
  await add(page, 'member@acme.test', true)
  await page.getByRole('row').filter({ hasText: 'member@acme.test' }).getByText('Lead').waitFor()
  await assertAccessible(page)

  const asLead = await visit(browser, site.url, { as: 'member@acme.test' })
  await asLead.page.goto(page.url())
  await add(asLead.page, 'viewer@acme.test', false)
  await asLead.page.getByRole('row').filter({ hasText: 'viewer@acme.test' }).getByText('Member').waitFor()
  assert.equal(await asLead.page.getByRole('button', { name: 'Delete' }).count(), 0)
  await asLead.context.close()

  await page.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByText('Every role that was given on what belongs to it is withdrawn at once.').waitFor()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('heading', { name: 'No teams yet' }).waitFor()
  await context.close()
})

async function add(page: Page, email: string, asLead: boolean): Promise<void> {
  await page.getByRole('button', { name: 'Add to team' }).first().click()
  const dialog = page.getByRole('dialog')
  const option = dialog.getByLabel('Member', { exact: true }).locator('option').filter({ hasText: email })
  await dialog.getByLabel('Member', { exact: true }).selectOption((await option.getAttribute('value')) ?? '')
  if (asLead) await dialog.getByLabel('Leads the team').check()
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
}

test('an owner gives a member a role on one project, sees why that permits a change there only, and withdraws it', async () => {
  const permissions = [{ permission: 'project:read' }, { permission: 'project:update' }]
  await site.ask('POST', '/api/v1/roles', { ...owner, body: { name: 'Launch crew', permissions } })
  const { context, page, wrong } = await visit(browser, site.url, owner)
  await page.goto('/o/acme/members')
  await page.getByRole('link', { name: 'viewer@acme.test' }).click()
  await page.getByRole('button', { name: 'Give a role' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Role', { exact: true }).selectOption('Viewer')
  await dialog.getByRole('button', { name: 'Give a role' }).click()
  await dialog.getByText('This role is given for the whole organisation, in the list of members.').waitFor()
  await dialog.getByLabel('Role', { exact: true }).selectOption('Launch crew')
  await dialog.getByLabel('Where').selectOption('project')
  await dialog.getByLabel('Find by name').fill('gripper')
  await dialog.getByLabel('Record').selectOption('Gripper v3 launch')
  await dialog.getByLabel('Last day').fill('2099-12-31')
  await dialog.getByRole('button', { name: 'Give a role' }).click()
  const roles = page.getByRole('table', { name: 'Roles' })
  await roles.getByRole('row').filter({ hasText: 'Launch crew' }).getByText('On Project: Gripper v3 launch').waitFor()

  await page.getByLabel('Permission').selectOption('project:update')
  await page.getByText('Not allowed').waitFor()
  const weighed = page.getByRole('table', { name: 'Explain what is allowed' }).getByRole('row')
  await weighed.filter({ hasText: 'Launch crew' }).getByText('Reaches other records').waitFor()
  await weighed.filter({ hasText: 'Viewer' }).getByText('Does not include this permission').waitFor()
  await page.getByLabel('Record').selectOption('project')
  await page.getByRole('combobox', { name: 'Name' }).selectOption('Gripper v3 launch')
  await page.getByText('Allowed', { exact: true }).waitFor()
  await page.reload()
  await weighed.filter({ hasText: 'Launch crew' }).getByText('Permits it').waitFor()

  await page.getByRole('button', { name: 'Withdraw: Launch crew' }).click()
  await dialog.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByText('Launch crew was withdrawn.').waitFor()
  await page.getByText('Not allowed').waitFor()
  assert.equal(await roles.getByRole('row').filter({ hasText: 'Launch crew' }).count(), 0)
  assert.deepEqual(
    wrong.filter((message) => !/status of 422/.test(message)),
    [],
  )
  await context.close()
})

test('an owner makes a service account, gives it a role, makes and rotates its key, and disables it', async () => {
  const { context, page, wrong } = await visit(browser, site.url, owner)
  const dialog = page.getByRole('dialog')
  await page.goto('/o/acme/service-accounts')
  await page.getByRole('button', { name: 'New service account' }).first().click()
  await dialog.getByLabel('Name').fill('Deploy bot')
  await dialog.getByRole('button', { name: 'Create service account' }).click()
  await page.getByRole('heading', { level: 1, name: 'Deploy bot' }).waitFor()
  await page.getByRole('main').getByRole('link', { name: 'Roles' }).click()
  await page.getByRole('button', { name: 'Give a role' }).click()
  await dialog.getByLabel('Role', { exact: true }).selectOption('Viewer')
  await dialog.getByRole('button', { name: 'Give a role' }).click()
  await page.getByRole('button', { name: 'Withdraw: viewer' }).waitFor()
  await page.getByLabel('Permission').selectOption('project:read')
  await page.getByText('Allowed', { exact: true }).waitFor()

  await page.getByRole('link', { name: 'Service account', exact: true }).click()
  const first = await newKey(page, async () => {
    await page.getByRole('button', { name: 'Create API key' }).first().click()
    await dialog.getByLabel('Name').fill('Build server')
    await dialog.getByRole('button', { name: 'Create API key' }).click()
  })
  await page.getByRole('row').filter({ hasText: 'Build server' }).getByText('All that the account may').waitFor()
  const second = await newKey(page, async () => {
    await page.getByRole('button', { name: 'Actions: Build server' }).click()
    await page.getByRole('button', { name: 'Rotate' }).click()
    await assertAccessible(page)
    await dialog.getByRole('button', { name: 'Rotate' }).click()
  })
  const statuses = () =>
    Promise.all([first, second].map(async (as) => (await site.request('GET', '/api/v1/projects', { as })).status))
  assert.deepEqual(await statuses(), [200, 200])
  await page.getByRole('button', { name: 'Disable' }).click()
  await dialog.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('This service account is disabled: all of its keys are refused.').waitFor()
  assert.deepEqual(await statuses(), [401, 401])
  assert.deepEqual(wrong, [])
  await context.close()
})

/** The key that a dialog shows once. */
async function newKey(page: Page, make: () => Promise<void>): Promise<string> {
  await make()
  const key = await page.locator('.secret .mono').innerText()
  await page.getByLabel('I have stored this key somewhere safe').check()
  await page.getByRole('button', { name: 'Done' }).click()
  return key
}

test('an owner drops a file of people, sees what becomes of each, and invites those that can be', async () => {
  const { context, page, wrong } = await visit(browser, site.url, owner)
  await page.goto('/o/acme/members')
  await page.getByRole('link', { name: 'Invite from a file' }).click()
  const buffer = Buffer.from('email,role,name\nada@example.test,member,Ada\nmember@acme.test,viewer,\n')
  await page.getByLabel('Drop a CSV file here').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer })
  await page.getByRole('row').filter({ hasText: 'member@acme.test' }).getByText('Is a member already').waitFor()
  await page.getByRole('button', { name: 'Invite one person' }).click()
  await page.getByText('One person was invited.').waitFor()
  await page.getByRole('row').filter({ hasText: 'ada@example.test' }).getByText('Invited', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Members' }).first().click()
  await page.getByRole('table', { name: 'Open invitations' }).getByText('Ada · ada@example.test').waitFor()
  assert.deepEqual(wrong, [])
  await context.close()
})

test('a guest who has a role on one project is led to the list, which shows that one', async () => {
  const { items: members } = await site.ask<{ items: { id: string; userId: string; email: string }[] }>(
    'GET',
    '/api/v1/members',
    owner,
  )
  const guest = members.find(({ email }) => email === 'viewer@acme.test')
  await site.ask('PATCH', `/api/v1/members/${guest?.id}`, { ...owner, body: { role: 'guest' } })
  const role = { name: 'One project', permissions: [{ permission: 'project:read' }] }
  const { id: roleId } = await site.ask<{ id: string }>('POST', '/api/v1/roles', { ...owner, body: role })
  const { items } = await site.ask<{ items: { id: string; name: string }[] }>('GET', '/api/v1/projects', owner)
  const scope = { kind: 'record', resource: 'project', id: items[0]?.id }
  await site.ask('POST', '/api/v1/assignments', { ...owner, body: { principalId: guest?.userId, roleId, scope } })
  const { context, page, wrong } = await visit(browser, site.url, { as: 'viewer@acme.test' })
  await page.goto('/o/acme/settings')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Projects' }).click()
  await page.getByRole('link', { name: items[0]?.name ?? '' }).waitFor()
  assert.equal(await page.getByRole('table', { name: 'Projects' }).getByRole('rowheader').count(), 1)
  assert.deepEqual(wrong, [])
  await context.close()
})
