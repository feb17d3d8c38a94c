import { isDeepStrictEqual } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Role } from '../../forge/contract/role.ts'
import type { CreatedToken, CreateToken } from '../../forge/contract/token.ts'
import { signIn, type Browser } from './browser.ts'
import { connectV1, connectV2, type McpClient } from './clients.ts'
import type { Sample } from './sample.ts'
import { HTTP_PATH, MCP_PATH } from './tools.ts'

/** Something was not as it should be. */
export class DemoFailure extends Error {}

type Say = (text: string) => void

/** Plays the sample from minting to revoking, and says what happened. @throws {DemoFailure} */
export async function play(sample: Sample, say: Say): Promise<void> {
  const url = sample.instance.url + MCP_PATH
  const asAlice = await signIn(sample.forge.url, sample.alice.username, sample.alice.password)
  const asBob = await signIn(sample.forge.url, sample.bob.username, sample.bob.password)

  const ownerToken = await mint(asAlice, sample, { name: 'Claude Code', role: 'owner', readOnly: false })
  say('alice signed in and minted a token with the role owner, for this instance alone.')
  await playOwner(await connectV1(url, ownerToken.token), say)
  await playHttp(sample, ownerToken.token, say)

  const viewerToken = await mint(asBob, sample, { name: 'Cursor', role: 'viewer', readOnly: false })
  say('bob, a viewer of the team, minted one too.')
  await playViewer(await connectV2(url, viewerToken.token), say)

  const readOnlyToken = await mint(asAlice, sample, { name: 'VS Code', role: 'owner', readOnly: true })
  await playReadOnly(await connectV2(url, readOnlyToken.token), say)

  await playStrangers(url, say)
  await playRevocation(asAlice, ownerToken, url, say)
}

async function mint(
  browser: Browser,
  { instance }: Sample,
  token: { name: string; role: Role; readOnly: boolean },
): Promise<CreatedToken> {
  const body: CreateToken = {
    ...token,
    grants: [{ type: 'instance', id: instance.id }],
    expiresAt: new Date(Date.now() + 24 * 3_600_000).toISOString(),
  }
  return browser.post<CreatedToken>('/api/v1/tokens', body)
}

async function playOwner(client: McpClient, say: Say): Promise<void> {
  expectEqual('the tools that alice is offered', await client.tools(), ['whoami', 'add_parcels', 'reset_line'])
  await expectCaller(client, { username: 'alice', role: 'owner' })
  say('MCP SDK v1 called whoami: the instance saw alice, as owner.')

  expectEqual('what add_parcels answers', (await client.call('add_parcels', { count: 3 })).data, { parcels: 3 })
  expectEqual('what reset_line answers', (await client.call('reset_line')).data, { parcels: 0 })
  say('alice may call the tool that writes and the one that destroys.')
  await client.close()
}

async function playHttp({ instance }: Sample, token: string, say: Say): Promise<void> {
  const response = await fetch(instance.url + HTTP_PATH, { headers: { authorization: `Bearer ${token}` } })
  expectEqual(`what GET ${HTTP_PATH} answers`, await response.json(), { hello: 'Alice Arnold', role: 'owner' })
  say(`GET ${HTTP_PATH}, a plain http in node, greeted Alice Arnold by name.`)
}

async function playViewer(client: McpClient, say: Say): Promise<void> {
  expectEqual('the tools that bob is offered', await client.tools(), ['whoami'])
  await expectCaller(client, { username: 'bob', role: 'viewer' })
  say('MCP SDK v2 called whoami: the instance saw bob, as viewer. He is offered no other tool.')

  const reason = await expectRefusal('reset_line for bob', () => client.call('reset_line'))
  say(`bob was refused reset_line: ${reason}`)
  await client.close()
}

async function playReadOnly(client: McpClient, say: Say): Promise<void> {
  await expectCaller(client, { username: 'alice', role: 'owner' })
  const reason = await expectRefusal('add_parcels with a read-only token', () =>
    client.call('add_parcels', { count: 1 }),
  )
  say(`A read-only token of alice was refused add_parcels: ${reason}`)
  await client.close()
}

async function playStrangers(url: string, say: Say): Promise<void> {
  const response = await fetch(url, { method: 'POST' })
  expectEqual('the status without a token', response.status, 401)
  say('Without a token nobody gets in: 401, with a pointer to where tokens come from.')
}

/** An instance believes an answer for ten seconds at most. */
const FORGOTTEN_WITHIN_MS = 15_000

async function playRevocation(browser: Browser, { id, token }: CreatedToken, url: string, say: Say): Promise<void> {
  await browser.delete(`/api/v1/tokens/${id}`)
  const revokedAt = Date.now()

  while (await isAccepted(url, token)) {
    if (Date.now() - revokedAt > FORGOTTEN_WITHIN_MS) throw new DemoFailure('The revoked token is still accepted.')
    await sleep(250)
  }
  const seconds = ((Date.now() - revokedAt) / 1000).toFixed(1)
  say(`alice revoked her first token; ${seconds} seconds later the instance refused it.`)
}

async function isAccepted(url: string, token: string): Promise<boolean> {
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  return status !== 401
}

async function expectCaller(client: McpClient, expected: { username: string; role: Role }): Promise<void> {
  const { data } = await client.call('whoami')
  const { user } = data as { user: { username: string; role: string } }
  expectEqual('who was seen', { username: user.username, role: user.role }, expected)
}

/** The reason that the refusal gives. */
async function expectRefusal(what: string, call: () => Promise<unknown>): Promise<string> {
  const error = await call().then(
    () => null,
    (thrown: unknown) => thrown,
  )
  const isForbidden = error instanceof Error && 'code' in error && error.code === -32003
  if (!isForbidden) throw new DemoFailure(`${what} was not refused as it should be, but: ${String(error)}`)
  return error.message.replace(/^MCP error -32003: /, '')
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  throw new DemoFailure(`${what} should be ${JSON.stringify(expected)} and is ${JSON.stringify(actual)}.`)
}
