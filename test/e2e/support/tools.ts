import { randomUUID } from 'node:crypto'

import type { APIRequestContext } from '@playwright/test'

import type { IssuedCredential } from '../../../forge/contract/host.ts'
import type { CreatedToken } from '../../../forge/contract/token.ts'
import type { ToolSet } from '../../../forge/contract/tool-registry.ts'
import { create, expect, type World } from './world.ts'

const TOOLS: ToolSet = {
  hash: '9f86d081884c7d659a2feaa0c55ad015',
  servers: [
    {
      path: '/mcp',
      name: 'Line 4',
      tools: [
        { name: 'read_metrics', title: 'Read the metrics', annotations: { readOnlyHint: true } },
        { name: 'set_speed', description: 'Sets the speed of the line.', annotations: { destructiveHint: false } },
        { name: 'purge_buffer', description: 'Empties the buffer before the packer.' },
      ],
    },
  ],
}

/** What the packer does after it was started: it tells which tools it offers. @returns its credential */
export async function reportTools(admin: APIRequestContext, { packer }: World): Promise<string> {
  const { credential } = await create<IssuedCredential>(admin, `instances/${packer.id}/credentials`, {})
  const headers = { authorization: `Bearer ${credential}` }
  const answer = await admin.put('api/v1/instance/tools', { headers, data: TOOLS })
  expect(answer.status(), await answer.text()).toBeLessThan(300)
  return credential
}

/** Calls of two tools with a new token of the person, of which one is refused. @returns the token */
export async function reportCalls(admin: APIRequestContext, world: World): Promise<CreatedToken> {
  const headers = { authorization: `Bearer ${await reportTools(admin, world)}` }
  const minted = await world.mint()
  const answer = await admin.post('oauth/introspect', { headers, form: { token: minted.token } })
  const { forge } = (await answer.json()) as { forge: { auditRef: string } }
  const call = { auditRef: forge.auditRef, at: new Date().toISOString(), server: '/mcp', durationMs: 42 }
  const calls = [
    { ...call, id: randomUUID(), tool: 'read_metrics', outcome: 'ok', client: 'claude-code 2.1' },
    { ...call, id: randomUUID(), tool: 'purge_buffer', outcome: 'refused', reason: 'tool_role' },
  ]
  const report = await admin.post('api/v1/instance/audit', { headers, data: { calls } })
  expect(report.status(), await report.text()).toBe(200)
  return minted
}
