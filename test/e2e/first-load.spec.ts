import { gzipSync } from 'node:zlib'

import { expect, test } from './support/world.ts'

const BUDGET_BYTES = 120 * 1024

test('the settings page needs at most 120 kB of compressed scripts', async ({ signedIn: page }) => {
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (!response.url().endsWith('.js')) return
    sizes.push(response.body().then((body) => gzipSync(body).length))
  })
  await page.goto('settings/tokens')
  await expect(page.getByRole('heading', { name: 'You have no access tokens yet' })).toBeVisible()

  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  test.info().annotations.push({ type: 'bytes', description: String(total) })
  expect(total).toBeGreaterThan(0)
  expect(total).toBeLessThan(BUDGET_BYTES)
})
