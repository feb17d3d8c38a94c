import type { Page } from '@playwright/test'

import { expect, test } from './support/world.ts'

async function mintOnPage(page: Page): Promise<string> {
  await page.goto('settings/tokens/new')
  await page.getByLabel('Name').fill('Claude Code')
  await page.getByRole('checkbox', { name: /^All of Packaging/ }).check()
  await page.getByRole('button', { name: 'Mint token' }).click()
  return page.getByLabel('Your token').inputValue()
}

test('the token is copied, and that is announced', async ({ signedIn: page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const token = await mintOnPage(page)
  await page.getByRole('button', { name: 'Copy token' }).click()

  await expect(page.getByText('Copied to the clipboard.')).toBeVisible()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token)
})

test('where copying is blocked the token is selected, and the keys to press are told', async ({ signedIn: page }) => {
  await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
  const token = await mintOnPage(page)
  await page.getByRole('button', { name: 'Copy token' }).click()

  await expect(page.getByText('press Ctrl+C, or ⌘C on a Mac')).toBeVisible()
  await expect(page.getByLabel('Your token')).toBeFocused()
  expect(await page.evaluate('getSelection().toString()')).toBe(token)
})

test('the configs name the instances and never hold the token', async ({ signedIn: page }) => {
  const token = await mintOnPage(page)

  for (const [client, file, reference] of [
    ['Claude Code', '.mcp.json', 'Bearer ${FORGE_TOKEN}'],
    ['VS Code', '.vscode/mcp.json', 'Bearer ${input:forge-token}'],
    ['Cursor', '.cursor/mcp.json', 'Bearer ${env:FORGE_TOKEN}'],
  ] as const) {
    await page.getByLabel('Client', { exact: true }).selectOption(client)
    const config = await page.getByLabel(`Put this into ${file}`).inputValue()
    expect(config).toContain('https://line-4-packer.example.com/mcp')
    expect(config).toContain('https://line-4-labeller.example.com/mcp')
    expect(config).toContain(reference)
    expect(config).not.toContain(token)
  }

  await page.getByLabel('Instance', { exact: true }).selectOption('line-4-packer')
  await page.getByLabel('MCP path').fill('/tools')
  const config = page.getByLabel('Put this into .cursor/mcp.json')
  await expect(config).toHaveValue(/https:\/\/line-4-packer\.example\.com\/tools"/)
  await expect(config).not.toHaveValue(/labeller/)
})

test('neither Escape nor a stray click nor a link loses the token', async ({ signedIn: page }) => {
  const token = await mintOnPage(page)
  await page.keyboard.press('Escape')
  await page.mouse.click(5, 400)
  await expect(page.getByLabel('Your token')).toHaveValue(token)

  await page.getByRole('link', { name: 'Teams' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Have you stored the token?' })).toBeVisible()
  await page.getByRole('button', { name: 'Go back to it' }).click()
  await expect(page.getByLabel('Your token')).toHaveValue(token)

  await page.getByRole('link', { name: 'Teams' }).click()
  await page.getByRole('button', { name: 'Yes, leave this page' }).click()
  await expect(page.getByRole('heading', { name: 'Teams' })).toBeVisible()
})

test('the browser asks before the tab is reloaded, until the token is stored', async ({ signedIn: page }) => {
  const token = await mintOnPage(page)
  let asked = 0
  page.on('dialog', (dialog) => {
    asked += 1
    void dialog.dismiss()
  })
  // A reload that is refused never ends, so nothing waits for it.
  void page.evaluate('location.reload()').catch(() => undefined)
  await expect.poll(() => asked).toBe(1)
  await expect(page.getByLabel('Your token')).toHaveValue(token)

  await page.getByRole('button', { name: 'I have stored it' }).click()
  await page.reload()
  expect(asked).toBe(1)
})

test('the token is gone after leaving, also for "back", and stands in no address or storage', async ({
  signedIn: page,
}) => {
  const token = await mintOnPage(page)
  expect(page.url()).not.toContain('ffpat_')
  expect(await page.evaluate('JSON.stringify([history.state, localStorage, sessionStorage])')).not.toContain(token)

  await page.getByRole('button', { name: 'I have stored it' }).click()
  await expect(page.getByRole('row', { name: /Claude Code/ })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Mint a token' })).toBeVisible()
  expect(await page.content()).not.toContain(token)
})
