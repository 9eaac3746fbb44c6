import assert from 'node:assert/strict'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { narrow, wide } from './browser.ts'

/** In both themes, wide and narrow: no rule of WCAG 2.2 A and AA or of good practice is broken, and nothing is wider than the screen. */
export async function assertAccessible(page: Page): Promise<void> {
  const before = page.viewportSize() ?? wide
  await page.evaluate(axe.source)
  for (const viewport of [wide, narrow]) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      assert.deepEqual(await violations(page, rulesFor[colorScheme]), [], `${viewport.width} px, ${colorScheme}`)
    }
    assert.equal(await isWiderThanScreen(page), false, `at ${viewport.width} px`)
  }
  await page.setViewportSize(before)
}

/** The themes are one page in other colours: what does not look at colours is asked of the first. */
const rulesFor = { light: undefined, dark: ['color-contrast', 'link-in-text-block'] } as const

/** Rules that the page breaks, with where. `only`: none but these are asked. */
async function violations(page: Page, only: readonly string[] | undefined): Promise<string[]> {
  const found = await page.evaluate(async (runOnly) => {
    const { axe: checker } = globalThis as unknown as { axe: typeof axe }
    const options = runOnly === undefined ? {} : { runOnly: [...runOnly] }
    return (await checker.run({ preload: false, ...options })).violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)}: ${failureSummary}`),
    }))
  }, only)
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node}`))
}

export function isWiderThanScreen(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
}
