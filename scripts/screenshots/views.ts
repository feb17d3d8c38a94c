import type { Page } from '@playwright/test'

import type { Sample } from './sample.ts'

type View = (page: Page, sample: Sample) => Promise<void>

const fill = async (page: Page, packer: string) => {
  await page.goto(`settings/tokens/new?client=claude-code&grants=instance:${packer}`)
  await page.getByLabel('Name').fill('Claude Code on my laptop')
  await page.getByText('read-only', { exact: false }).first().waitFor()
}

/** What is shown in the user documentation, each by the way that leads there. */
export const VIEWS: Record<string, View> = {
  tokens: async (page) => {
    await page.goto('settings/tokens')
    await page.getByRole('row').nth(1).waitFor()
  },
  token: async (page, { tokens }) => {
    const token = tokens.find(({ name }) => name === 'n8n morning report')
    await page.goto(`settings/tokens?token=${token?.id}`)
    await page.getByRole('dialog').getByRole('img').waitFor()
  },
  'mint-a-token': async (page, { packer }) => {
    await fill(page, packer.id)
    await page.getByRole('region', { name: 'What it will be worth' }).waitFor()
  },
  'connect-a-client': async (page, { packer }) => {
    await page.route('**/api/v1/tokens', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      // Nothing that looks like a secret belongs into a picture: its checksum is wrong on purpose.
      const answer = await route.fetch()
      const token = 'ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'
      await route.fulfill({ status: 201, json: { ...((await answer.json()) as object), token } })
    })
    await fill(page, packer.id)
    await page.getByRole('button', { name: 'Mint token' }).click()
    await page.getByLabel('Your token').waitFor()
  },
}
