import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { TestInstallation } from '../installation.ts'
import { assertAccessible, isWiderThanScreen } from './accessible.ts'
import { launchBrowser, visit } from './browser.ts'

/** Every page, in both themes, wide and narrow: accessible, within the screen, alone on the network, without errors. */

/** WCAG 2.2, 1.4.10: what a screen of 1280 px at 400 % comes to. */
const smallest = { width: 320, height: 700 }
const owner = 'owner@acme.test'
const staff = 'staff@tenantry.test'
const repositoryFolder = join(import.meta.dirname, '..', '..')

interface PageUnderTest {
  /** As its module declares it, or its address when no module does. */
  readonly route: string
  readonly address: string
  readonly as?: string
  readonly console?: boolean
  readonly title: string
  /** Something to do before the page is looked at. */
  readonly open?: (page: Page) => Promise<unknown>
}

const token = 'inv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const inAcme = (route: string, title: string, more: Partial<PageUnderTest> = {}): PageUnderTest => {
  return { route, address: `/o/acme/${route}`, as: owner, title: `${title} · Acme Robotics · Atlas`, ...more }
}
const oneTenant = {
  address: '/staff/tenants?search=acme',
  as: staff,
  title: 'Acme Robotics · Staff console · Atlas',
  open: async (page: Page) => {
    await page.getByRole('link', { name: 'Acme Robotics' }).click()
    await page.getByRole('heading', { level: 2, name: 'Actions' }).waitFor()
  },
}
const makeAccount = async (page: Page, name: string) => {
  await page.getByRole('dialog').getByLabel('Name').fill(name)
  await page.getByRole('dialog').getByRole('button', { name: 'Create service account' }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}
const pages: readonly PageUnderTest[] = [
  { route: '/sign-in', address: '/sign-in', title: 'Sign in · Atlas' },
  { route: '/second-factor', address: '/second-factor', title: 'One more step · Atlas' },
  { route: '/sign-up', address: '/sign-up', title: 'Sign up · Atlas' },
  { route: '/verify', address: '/verify?token=none', title: 'Confirm your address · Atlas' },
  { route: '/confirm-address', address: '/confirm-address?token=none', title: 'Confirm your new address · Atlas' },
  { route: '/undo-address', address: '/undo-address?token=none', title: 'Undo the change of address · Atlas' },
  { route: '/recover', address: '/recover', title: 'Recover your account · Atlas' },
  { route: '/begin-recovery', address: '/begin-recovery?token=none', title: 'Begin the recovery · Atlas' },
  { route: '/cancel-recovery', address: '/cancel-recovery?token=none', title: 'Cancel the recovery · Atlas' },
  { route: '/forgot', address: '/forgot', title: 'Forgot your password? · Atlas' },
  { route: '/reset', address: '/reset?token=none', title: 'Choose a new password · Atlas' },
  { route: '/invitation', address: `/invitation?token=${token}`, title: 'There is no such invitation · Atlas' },
  { route: '/account', address: '/account', as: owner, title: 'Account · Atlas' },
  {
    route: '/account/security',
    address: '/account/security',
    as: owner,
    title: 'Security · Atlas',
    open: async (page) => {
      await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
      await page.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor()
    },
  },
  { route: '/welcome', address: '/welcome', as: owner, title: 'Name your organisation · Atlas' },
  {
    route: '/welcome/invite',
    address: '/welcome/invite?tenant=acme',
    as: owner,
    title: 'Invite your colleagues · Atlas',
  },
  { route: 'not found', address: '/nowhere', title: 'There is nothing here · Atlas' },
  { route: 'not a member', address: '/o/globex/projects', as: owner, title: 'There is nothing here · Atlas' },
  { route: 'components', address: '/dev/components', title: 'Components · Atlas' },
  { route: 'error codes', address: '/docs/errors', title: 'Error codes' },
  { route: 'one error code', address: '/docs/errors/request.invalid', title: 'request.invalid' },
  { route: 'inbox', address: '/dev/inbox', title: 'Inbox' },
  inAcme('home', 'To begin with', { address: '/o/acme' }),
  inAcme('projects', 'Projects'),
  inAcme('projects?search=nothing+has+this+name', 'Projects'),
  inAcme('projects?open=new', 'Projects'),
  inAcme('projects/$id', 'Gripper v3 launch', {
    address: '/o/acme/projects?search=gripper',
    open: async (page) => {
      await page.getByRole('link', { name: 'Gripper v3 launch' }).click()
      await page.getByRole('button', { name: 'Book the loading bay for Tuesday', exact: true }).click()
    },
  }),
  inAcme('tasks', 'My tasks'),
  inAcme('trash', 'Trash'),
  inAcme('trash: something to delete for good', 'Trash', {
    address: '/o/acme/trash',
    open: async (page) => {
      const asking = { as: owner, tenant: 'acme' }
      const { items } = await site.ask<{ items: { id: string }[] }>('GET', '/api/v1/tasks', asking)
      await site.ask('DELETE', `/api/v1/tasks/${items[0]?.id}`, asking)
      await page.reload()
      await page.getByRole('checkbox').first().check()
      await page.getByRole('button', { name: /^Actions/ }).click()
      await page.getByRole('button', { name: 'Delete for good' }).click()
    },
  }),
  inAcme('members', 'Members'),
  inAcme('members?open=invite', 'Members'),
  inAcme('members/invite', 'Invite from a file', {
    open: async (page) => {
      const buffer = Buffer.from('email,role,name\nada@example.test,member,Ada\nnobody,member,')
      await page.getByLabel('Drop a CSV file here').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer })
      await page.getByText('No e-mail address').waitFor()
    },
  }),
  inAcme('members/$id', 'Samuel Kerr', {
    address: '/o/acme/members',
    open: async (page) => {
      await page.getByRole('link', { name: 'Samuel Kerr' }).click()
      await page.getByLabel('Permission').selectOption('project:update')
      await page.getByText('Not allowed').waitFor()
    },
  }),
  inAcme('members/$id?open=give', 'Samuel Kerr', {
    address: '/o/acme/members',
    open: async (page) => {
      await page.getByRole('link', { name: 'Samuel Kerr' }).click()
      await page.getByRole('button', { name: 'Give a role' }).click()
      await page.getByRole('dialog').getByLabel('Where').selectOption('project')
    },
  }),
  inAcme('roles', 'Roles'),
  inAcme('roles?open=new', 'Roles'),
  inAcme('roles/$id', 'Owner', {
    address: '/o/acme/roles',
    open: (page) => page.getByRole('link', { name: 'Owner' }).click(),
  }),
  inAcme('teams', 'Teams'),
  inAcme('teams?open=new', 'Teams'),
  inAcme('teams/$id', 'North', {
    address: '/o/acme/teams?open=new',
    open: async (page) => {
      await page.getByRole('dialog').getByLabel('Name').fill('North')
      await page.getByRole('dialog').getByRole('button', { name: 'Create team' }).click()
      await page.getByRole('heading', { name: 'Nobody is in this team yet' }).waitFor()
    },
  }),
  inAcme('access-review', 'Access review'),
  inAcme('keys', 'API keys'),
  inAcme('keys?open=new', 'API keys'),
  inAcme('service-accounts', 'Service accounts'),
  inAcme('service-accounts/$id', 'Deploy bot', {
    address: '/o/acme/service-accounts?open=new',
    open: async (page) => {
      await makeAccount(page, 'Deploy bot')
      await page.getByRole('button', { name: 'Create API key' }).first().click()
    },
  }),
  inAcme('service-accounts/$id/roles', 'Roles of Importer', {
    address: '/o/acme/service-accounts?open=new',
    open: async (page) => {
      await makeAccount(page, 'Importer')
      await page.getByRole('main').getByRole('link', { name: 'Roles' }).click()
    },
  }),
  inAcme('audit', 'Audit log', { open: (page) => page.locator('th button.mono').first().click() }),
  inAcme('audit/streams', 'Streaming and retention'),
  inAcme('audit/streams?open=new', 'Streaming and retention'),
  inAcme('security', 'Security'),
  inAcme('usage', 'Usage'),
  inAcme('support', 'Support access'),
  inAcme('settings', 'Organisation'),
  { route: 'tenants', address: '/staff/tenants', as: staff, title: 'Tenants · Staff console · Atlas' },
  {
    route: 'tenants?open=new',
    address: '/staff/tenants?open=new',
    as: staff,
    title: 'Tenants · Staff console · Atlas',
  },
  {
    route: 'tenants with nothing that matches',
    address: '/staff/tenants?search=nothing+has+this+name',
    as: staff,
    title: 'Tenants · Staff console · Atlas',
  },
  { ...oneTenant, route: 'tenants/$id' },
  {
    ...oneTenant,
    route: 'tenants/$id: cancelling',
    open: async (page) => {
      await oneTenant.open(page)
      await page.getByRole('button', { name: 'Cancel tenant 30 days to undo' }).click()
    },
  },
  {
    ...oneTenant,
    route: 'tenants/$id: asking to look in',
    open: async (page) => {
      await oneTenant.open(page)
      await page.getByRole('button', { name: 'Ask to look in' }).click()
    },
  },
  { route: 'support', address: '/staff/support', as: staff, title: 'Support sessions · Staff console · Atlas' },
  {
    route: 'sign-in to the console',
    address: '/sign-in?next=/staff',
    title: 'Sign in to the staff console · Atlas',
  },
  { route: 'fleet', address: '/staff/fleet', as: staff, title: 'Fleet · Staff console · Atlas' },
  {
    route: 'fleet: every target, and pausing',
    address: '/staff/fleet?state=all',
    as: staff,
    title: 'Fleet · Staff console · Atlas',
    open: async (page) => {
      await page.getByRole('cell', { name: 'At this release' }).first().waitFor()
      await page.getByRole('button', { name: 'Pause migrations' }).click()
    },
  },
  { route: 'users', address: '/staff/users', as: staff, title: 'Users · Staff console · Atlas' },
  {
    route: 'users/$id',
    address: '/staff/users?search=viewer',
    as: staff,
    title: 'Samuel Kerr · Staff console · Atlas',
    open: (page) => page.getByRole('link', { name: 'viewer@acme.test' }).click(),
  },
  { route: 'actions', address: '/staff/actions', as: staff, title: 'Staff audit · Staff console · Atlas' },
  {
    route: 'configuration',
    address: '/staff/configuration',
    as: staff,
    title: 'Configuration · Staff console · Atlas',
  },
  { route: 'flags', address: '/staff/flags', as: staff, title: 'Flags · Staff console · Atlas' },
  {
    route: 'flags: changing one',
    address: '/staff/flags',
    as: staff,
    title: 'Flags · Staff console · Atlas',
    open: async (page) => {
      await page.getByRole('button', { name: 'projects.board' }).click()
      await page.getByText('On in 0 of 2 tenants.').waitFor()
      await page.getByText('What was changed').click()
      await page.getByText('Its rules were never changed.').waitFor()
    },
  },
  { route: 'analytics', address: '/staff/analytics', as: staff, title: 'Analytics · Staff console · Atlas' },
  {
    route: 'analytics: once everything was measured',
    address: '/staff/analytics',
    as: staff,
    title: 'Analytics · Staff console · Atlas',
    open: async (page) => {
      await page.getByRole('button', { name: 'Measure now' }).click()
      await page.getByText('Active tenants').waitFor()
    },
  },
  {
    ...oneTenant,
    route: 'tenants/$id: what it did in the last 30 days',
    open: async (page) => {
      await oneTenant.open(page)
      await page.locator('summary').click()
      await page.getByRole('table', { name: 'Numbers by day' }).waitFor()
    },
  },
  { route: 'not staff', address: '/staff', as: owner, console: true, title: 'There is nothing here · Atlas' },
]

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

test('every page that a module declares is looked at here', async () => {
  const declared: string[] = []
  for await (const file of glob('{platform/src,product}/modules/*/{open-,staff-,}pages.tsx', {
    cwd: repositoryFolder,
  })) {
    const source = await readFile(join(repositoryFolder, file), 'utf8')
    declared.push(...[...source.matchAll(/path: '([^']+)', (?:area|page):/g)].map(([, path]) => path ?? ''))
  }
  assert.ok(declared.length > 10)
  const looked = new Set(pages.map(({ route }) => route))
  assert.deepEqual(
    declared.filter((path) => !looked.has(path)),
    [],
  )
})

for (const under of pages) {
  test(`${under.route}: accessible in both themes, within a wide and a narrow screen, without errors`, async () => {
    const { context, page, wrong } = await visit(browser, site.url, under)
    await page.goto(under.address)
    await page.waitForLoadState('networkidle')
    await under.open?.(page)
    await page.waitForFunction((title) => document.title === title, under.title)
    await assertAccessible(page)
    await page.setViewportSize(smallest)
    assert.equal(await isWiderThanScreen(page), false, 'at 320 px')
    assert.equal(await page.getByRole('main').count(), 1)
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
    const unexpected = wrong.filter((message) => !/status of 40[134]|ProblemError/.test(message))
    assert.deepEqual(unexpected, [])
    await context.close()
  })
}
