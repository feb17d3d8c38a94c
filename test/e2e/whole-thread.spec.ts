import type { Page } from '@playwright/test'

import type { ToolCallPage } from '../../forge/contract/tool-calls.ts'
import type { InstanceTools } from '../../forge/contract/tool-registry.ts'
import { readConfig, type ConfiguredServer } from './support/client-config.ts'
import { test } from './support/instance.ts'
import { CLIENTS, type McpClient } from './support/mcp-client.ts'
import { expect, setRole } from './support/world.ts'

/** The forge pushes it within a second; without the push an answer would be believed for ten. The rest is for a busy machine. */
const FORGOTTEN_WITHIN_MS = 1_000 + 3_000

const FILES = { 'Claude Code': '.mcp.json', 'VS Code': '.vscode/mcp.json', Cursor: '.cursor/mcp.json' } as const

interface Minted {
  token: string
  /** As each client reads the file that the page shows for it. */
  servers: ConfiguredServer[]
}

/** Mints for `line-4` alone: member at most, read-only, which is what the page proposes. */
async function mintOnPage(page: Page): Promise<Minted> {
  await page.goto('settings/tokens/new')
  await page.getByLabel('Name').fill('Claude Code')
  await page.getByRole('checkbox', { name: /^line-4 / }).check()
  await page.getByRole('radio', { name: 'Member' }).check()
  await expect(page.getByLabel('Read-only')).toBeChecked()
  await page.getByRole('button', { name: 'Mint token' }).click()
  const token = await page.getByLabel('Your token').inputValue()

  const servers: ConfiguredServer[] = []
  for (const [client, file] of Object.entries(FILES)) {
    await page.getByLabel('Client', { exact: true }).selectOption(client)
    servers.push(readConfig(await page.getByLabel(`Put this into ${file}`).inputValue(), token))
  }
  await page.getByRole('button', { name: 'I have stored it' }).click()
  return { token, servers }
}

const secretOf = (token: string) => token.slice('ffpat_'.length + 'selector1234_'.length)

interface Shown {
  /** Everything that the flow could see. */
  all: string
  written: boolean
}

async function showAll(client: McpClient): Promise<Shown> {
  const { structuredContent } = (await client.callTool({ name: 'show_all' })) as { structuredContent: Shown }
  return structuredContent
}

async function expectIdentifiedAndHeld(client: McpClient, { username, userId }: Record<string, string>): Promise<void> {
  expect(await client.callTool({ name: 'whoami' })).toMatchObject({
    structuredContent: { username, userId, role: 'member' },
  })
  await expect(client.callTool({ name: 'add_parcels' })).rejects.toThrow('this token is read-only')
}

test('a token minted on the page identifies its user in MCP calls on a real Node-RED, until it is revoked', async ({
  signedIn: page,
  world,
  admin,
  line,
}) => {
  test.slow()
  // More than the cap that the page is given below: what the flow sees is the effective role, not the live one.
  await setRole(admin, world, 'owner')
  const { token, servers } = await mintOnPage(page)
  const [server] = servers
  if (!server) throw new Error('the page showed no config')
  const authorization = `Bearer ${token}`
  expect(servers).toEqual(
    Object.keys(FILES).map(() => ({ url: `${line.url}/mcp`, headers: { Authorization: authorization } })),
  )

  const { username, id: userId } = world.person
  const clients = [await CLIENTS.v1(server), await CLIENTS.v2(server)]
  for (const client of clients) await expectIdentifiedAndHeld(client, { username, userId })

  await test.step('the flow sees the person and nothing of the token, and what writes has not run', async () => {
    // The marker shows that a header which stayed would be seen.
    const headers = { authorization, 'x-marker': 'a header that flows may see' }
    const request = (await (await fetch(`${line.url}/all`, { headers })).json()) as Shown
    expect(request.all).toContain(headers['x-marker'])

    const shown = [request, ...(await Promise.all(clients.map(showAll)))]
    expect(shown.map(({ written }) => written)).toEqual([false, false, false])
    for (const { all } of shown) {
      expect(all).toContain(username)
      expect(all).not.toContain(secretOf(token))
    }
  })

  const listed = page.getByRole('row', { name: /Claude Code/ })
  await test.step('the list shows the last use', async () => {
    await expect(async () => {
      await page.reload()
      await expect(listed.getByText('at line-4')).toBeVisible({ timeout: 1_000 })
    }).toPass({ timeout: 10_000 })
  })

  await test.step('the log of calls names the person, the program and what was refused', async () => {
    const inLog = async () => (await page.request.get('api/v1/calls')).json() as Promise<ToolCallPage>
    const call = {
      user: { id: userId, username },
      instance: { name: 'line-4' },
      server: '/mcp',
      client: 'forge-pat-e2e 1',
    }
    await expect
      .poll(async () => (await inLog()).calls, { timeout: 10_000 })
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ tool: 'whoami', outcome: 'ok', reason: null }),
          expect.objectContaining({ tool: 'add_parcels', outcome: 'refused', reason: 'tool_read_only' }),
        ]),
      )
    const { calls } = await inLog()
    for (const each of calls) expect(each).toMatchObject(call)
    // Two clients, three tools each, every call once.
    expect(calls.map(({ tool }) => tool).sort()).toEqual(
      ['add_parcels', 'show_all', 'whoami'].flatMap((tool) => [tool, tool]),
    )
  })

  await test.step('the forge knows the tools of the instance', async () => {
    const { tools } = (await (await page.request.get(`api/v1/instances/${line.id}/tools`)).json()) as InstanceTools
    expect(tools.map(({ name }) => name)).toEqual(['add_parcels', 'show_all', 'whoami'])
  })

  await test.step('an owner switches a tool off, and on again', async () => {
    const off = { server: '/mcp', tool: 'whoami', off: true, minimumRole: null, people: null, keepArguments: null }
    const save = (rules: object[]) => page.request.put(`api/v1/instances/${line.id}/tool-rules`, { data: { rules } })
    const answers = () =>
      Promise.all(
        clients.map((client) =>
          client.callTool({ name: 'whoami' }).then(
            () => 'ok',
            (error: Error) => error.message,
          ),
        ),
      )
    const isOff = expect.stringContaining('The tool whoami is switched off.')

    expect((await save([off])).status()).toBe(200)
    await expect.poll(answers, { timeout: FORGOTTEN_WITHIN_MS }).toEqual([isOff, isOff])
    expect((await save([])).status()).toBe(200)
    await expect.poll(answers, { timeout: FORGOTTEN_WITHIN_MS }).toEqual(['ok', 'ok'])
  })

  await test.step('revoked on the page, it gets in nowhere any more', async () => {
    await page.getByRole('link', { name: 'Claude Code' }).click()
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByRole('button', { name: 'Revoke token' }).click()
    await expect(page.getByText('No token is active now.')).toBeVisible()

    const status = async () => (await fetch(`${line.url}/all`, { headers: { authorization } })).status
    await expect.poll(status, { timeout: FORGOTTEN_WITHIN_MS }).toBe(401)
    for (const client of clients) await expect(client.callTool({ name: 'whoami' })).rejects.toThrow('invalid_token')
    for (const connect of Object.values(CLIENTS)) await expect(connect(server)).rejects.toThrow('invalid_token')
  })
  for (const client of clients) await client.close()
})
