/**
 * Takes the pictures of the user documentation anew: `npm run screenshots`. A forge of its own, filled through its own
 * API; what only weeks of use would bring (ages, uses) is put into its answers on the way to the browser.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { chromium, type Page } from '@playwright/test'

import { startFreshForge } from '../../test/e2e/support/forge-process.ts'
import { aged, usageOf } from './history.ts'
import { makeSample, type Sample } from './sample.ts'
import { VIEWS } from './views.ts'

const WIDTHS = { 360: 780, 768: 1024, 1440: 900 } as const
const SCHEMES = ['light', 'dark'] as const
const folder = process.env['SCREENSHOTS'] ?? 'docs/images'
const only = process.argv.slice(2)

const forge = await startFreshForge('')
const executablePath = process.env['CHROMIUM_PATH']
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
})
try {
  await mkdir(folder, { recursive: true })
  const sample = await makeSample(forge.baseUrl, forge.setupLink)
  for (const [name, view] of Object.entries(VIEWS)) {
    if (only.length > 0 && !only.includes(name)) continue
    for (const [width, height] of Object.entries(WIDTHS)) {
      for (const colorScheme of SCHEMES) {
        const context = await browser.newContext({
          baseURL: `${forge.baseUrl}/`,
          viewport: { width: Number(width), height },
          colorScheme,
          locale: 'en-GB',
          timezoneId: 'Europe/Berlin',
          reducedMotion: 'reduce',
          storageState: await sample.api.storageState(),
        })
        const page = await context.newPage()
        await withHistory(page, sample)
        await view(page, sample)
        const path = join(folder, `${name}-${width}-${colorScheme}.png`)
        await page.screenshot({ path, fullPage: process.env['FULL'] === '1' })
        await context.close()
        console.log(path)
      }
    }
  }
  await sample.api.dispose()
} finally {
  await browser.close()
  await forge.stop()
}

async function withHistory(page: Page, sample: Sample): Promise<void> {
  await page.route('**/api/v1/tokens?*', async (route) => {
    const answer = await route.fetch()
    const body = (await answer.json()) as { tokens: Sample['tokens'] }
    await route.fulfill({ json: { ...body, tokens: aged(body.tokens, sample) } })
  })
  await page.route('**/api/v1/tokens/*/usage', (route) => route.fulfill({ json: usageOf(Date.now()) }))
}
