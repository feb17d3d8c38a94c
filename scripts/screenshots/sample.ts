import { request, type APIRequestContext } from '@playwright/test'

import type { Application, Instance, Team } from '../../forge/contract/host.ts'
import type { CreatedToken, CreateToken, Token } from '../../forge/contract/token.ts'

const PASSWORD = 'correct horse battery staple'
export const DAY_MS = 86_400_000

/** A forge with a team, three instances and a few tokens of one person, made through its own API. */
export interface Sample {
  api: APIRequestContext
  team: Team
  packer: Instance
  tokens: Token[]
}

export async function makeSample(baseUrl: string, setupLink: string): Promise<Sample> {
  const api = await request.newContext({ baseURL: `${baseUrl}/` })
  const code = new URLSearchParams(new URL(setupLink).hash.slice(1)).get('code') ?? new URL(setupLink).hash.slice(1)
  const person = { username: 'alice', name: 'Alice Arnold', email: 'alice@example.com', password: PASSWORD }
  await post(api, 'account/setup', { code, ...person })
  await post(api, 'account/login', { username: person.username, password: PASSWORD })

  const team = await post<Team>(api, 'api/v1/teams', { name: 'Line 4' })
  const packaging = await post<Application>(api, 'api/v1/applications', { teamId: team.id, name: 'Packaging' })
  const metering = await post<Application>(api, 'api/v1/applications', { teamId: team.id, name: 'Metering' })
  const instance = (applicationId: string, name: string, production = false) =>
    post<Instance>(api, 'api/v1/instances', {
      applicationId,
      name,
      url: `https://${name}.example.com`,
      production,
    })
  const packer = await instance(packaging.id, 'line-4-packer', true)
  const labeller = await instance(packaging.id, 'line-4-labeller')
  const meter = await instance(metering.id, 'energy-meter')

  const mint = (input: Partial<CreateToken> & Pick<CreateToken, 'name' | 'grants'>) =>
    post<CreatedToken>(api, 'api/v1/tokens', {
      role: 'viewer',
      readOnly: true,
      expiresAt: new Date(Date.now() + 30 * DAY_MS).toISOString(),
      ...input,
    })
  const at = (...instances: Instance[]) => instances.map(({ id }) => ({ type: 'instance' as const, id }))
  await mint({ name: 'Claude Code on my laptop', description: 'Reads the line metrics.', grants: at(packer, labeller) })
  await mint({ name: 'Cursor, night shift', grants: at(labeller), expiresAt: inDays(9) })
  await mint({
    name: 'n8n morning report',
    role: 'member',
    readOnly: false,
    grants: [{ type: 'application', id: packaging.id }],
    expiresAt: inDays(300),
  })
  await mint({
    name: 'Meter script',
    role: 'owner',
    readOnly: false,
    grants: at(meter, packer),
    expiresAt: inDays(200),
  })
  const gone = await mint({ name: 'Old laptop', grants: at(meter) })
  await api.delete(`api/v1/tokens/${gone.id}`)

  const { tokens } = (await (await api.get('api/v1/tokens')).json()) as { tokens: Token[] }
  return { api, team, packer, tokens }
}

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()

async function post<Answer>(api: APIRequestContext, path: string, data: object): Promise<Answer> {
  const answer = await api.post(path, { data })
  if (!answer.ok()) throw new Error(`POST ${path} was answered ${answer.status()}: ${await answer.text()}`)
  return (await answer.json().catch(() => null)) as Answer
}
