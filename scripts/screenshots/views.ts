import type { Page } from '@playwright/test'

import type { Sample } from './sample.ts'

type View = (page: Page, sample: Sample) => Promise<void>

const settle = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor()

/** What is shown in the user documentation, each by the way that leads there. */
export const VIEWS: Record<string, View> = {
  tokens: async (page) => {
    await page.goto('settings/tokens')
    await page.getByRole('row').nth(1).waitFor()
  },
  token: async (page, { tokens }) => {
    const token = tokens.find(({ name }) => name === 'Meter script')
    await page.goto(`settings/tokens?token=${token?.id}`)
    await page.getByRole('dialog').getByRole('img').waitFor()
  },
  'mint-a-token': async (page) => {
    await page.goto('settings/tokens/new')
    await settle(page)
  },
}
