import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Browser, Response } from 'playwright-core'
import { TestInstallation } from '../installation.ts'
import { launchBrowser, visit } from './browser.ts'

/** What a first view may cost. Sizes are of the content compressed with gzip, whatever the server sent. */

const kilobyte = 1_024
const requestsMax = 12
const cssKilobytesMax = 20
const fontKilobytesMax = 80
const chunkKilobytesMax = 35
const layoutShiftMax = 0.02

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

interface Cost {
  readonly requests: number
  readonly scripts: ReadonlyMap<string, number>
  readonly scriptKilobytes: number
  readonly cssKilobytes: number
  readonly fontKilobytes: number
  readonly layoutShift: number
}

async function firstViewOf(address: string, as?: string): Promise<Cost> {
  const { context, page } = await visit(browser, site.url, as === undefined ? {} : { as })
  const responses: Response[] = []
  page.on('response', (response) => responses.push(response))
  await page.addInitScript(() => {
    const shifts = { total: 0 }
    Object.assign(globalThis, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.total += (entry as PerformanceEntry & { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(address)
  await page.waitForLoadState('networkidle')
  const layoutShift = await page.evaluate(() => (globalThis as unknown as { shifts: { total: number } }).shifts.total)
  const sizes = async (kind: RegExp) =>
    new Map(
      await Promise.all(
        responses
          .filter((response) => kind.test(response.url()))
          .map(async (each) => [each.url(), gzipSync(await each.body()).length / kilobyte] as const),
      ),
    )
  const scripts = await sizes(/\.js$/)
  const cost = {
    requests: responses.length,
    scripts,
    scriptKilobytes: sum(scripts),
    cssKilobytes: sum(await sizes(/\.css$/)),
    fontKilobytes: sum(await sizes(/\.woff2$/)),
    layoutShift,
  }
  await context.close()
  return cost
}

function sum(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((total, size) => total + size, 0)
}

for (const [name, address, as, scriptKilobytesMax] of [
  ['the sign-in page', '/sign-in', undefined, 110],
  ['the workspace', '/o/acme/projects', 'owner@acme.test', 150],
  ['the staff console', '/staff/tenants', 'staff@tenantry.test', 160],
] as const) {
  test(`the first view of ${name} stays within its budget`, async () => {
    const cost = await firstViewOf(address, as)

    assert.ok(cost.scriptKilobytes > 0 && cost.cssKilobytes > 0 && cost.fontKilobytes > 0)
    assert.ok(cost.scriptKilobytes <= scriptKilobytesMax, `${cost.scriptKilobytes} KB of JavaScript`)
    assert.ok(cost.cssKilobytes <= cssKilobytesMax, `${cost.cssKilobytes} KB of CSS`)
    assert.ok(cost.fontKilobytes <= fontKilobytesMax, `${cost.fontKilobytes} KB of fonts`)
    assert.ok(cost.requests <= requestsMax, `${cost.requests} requests`)
    assert.ok(cost.layoutShift <= layoutShiftMax, `a layout shift of ${cost.layoutShift}`)
  })
}

test('going to another page loads a small chunk', async () => {
  const { context, page } = await visit(browser, site.url, { as: 'owner@acme.test' })
  await page.goto('/o/acme/projects')
  await page.waitForLoadState('networkidle')
  for (const link of ['Members', 'API keys', 'Audit log', 'Organisation', 'My tasks', 'Trash']) {
    const loaded: Response[] = []
    const collect = (response: Response) => void (response.url().endsWith('.js') && loaded.push(response))
    page.on('response', collect)
    await page.getByRole('link', { name: link, exact: true }).click()
    await page.getByRole('heading', { level: 1, name: link }).waitFor()
    page.off('response', collect)
    const bodies = await Promise.all(loaded.map((response) => response.body()))
    const kilobytes = bodies.reduce((total, body) => total + gzipSync(body).length, 0) / kilobyte
    assert.ok(kilobytes <= chunkKilobytesMax, `${link}: ${kilobytes} KB`)
  }
  await context.close()
})
