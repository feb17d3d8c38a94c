import { expect, it } from 'vitest'

import type { ActiveIntrospection } from '../../../forge/contract/introspection.ts'
import type { Directory, HostFacts } from '../../../forge/directory/directory.ts'
import { createSecretKeys } from '../../../forge/keys.ts'
import { createAnswerWriter, type Finding } from '../../../forge/oauth/active-answer.ts'
import { createAuditRefs } from '../../../forge/tokens/audit-ref.ts'
import type { KnownToken } from '../../../forge/tokens/facts.ts'

const token: KnownToken = {
  ...{ id: 't1', name: 'laptop', userId: 'u1', familyId: 't1', endsGrace: false },
  issued: { via: 'page', toId: null, parentId: null },
  secretHash: 'hash',
  prefilter: '00000000',
  keyId: 'key',
  parents: [],
  facts: {
    ...{ role: 'member', readOnly: false, tools: null, grants: [{ type: 'instance', id: 'i1' }] },
    ...{ createdAt: 0, expiresAt: null, revokedAt: null, retiresAt: null, endNoted: false },
  },
}
const live: HostFacts = {
  user: { id: 'u1', username: 'alice', name: 'Alice', email: 'alice@example.com', picture: null, suspended: false },
  team: { id: 'team', name: 'Line 4', slug: 'line-4', suspended: false },
  instance: { id: 'i1', name: 'packer', url: 'https://packer.example', applicationId: 'a1', production: false },
  ...{ teamRoleLevel: 30, roleSince: null, overrideLevel: null },
}
const decision = { allowed: true, role: 'member', readOnly: false, mcpOnly: false, rules: [] } as const
const finding: Finding = { token, live, decision }

function startWriter() {
  const answers = createAnswerWriter({
    issuer: 'https://forge.example',
    auditRefs: createAuditRefs(createSecretKeys(Buffer.alloc(32, 7).toString('base64'))),
    directory: {} as Directory,
  })
  const written: ActiveIntrospection[] = []
  const write = (about: Finding) =>
    JSON.parse(
      answers(about, (answer) => {
        written.push(answer)
        return JSON.stringify(answer)
      }),
    ) as ActiveIntrospection
  return { write, written }
}

it('gives once more what was written of the very same facts', () => {
  const { write, written } = startWriter()

  expect(write({ ...finding, decision: { ...decision } })).toEqual(write(finding))
  expect(written).toHaveLength(1)
})

it.each<[string, Finding, object]>([
  ['a role', { ...finding, decision: { ...decision, role: 'viewer' } }, { roles: ['viewer'] }],
  ['read-only', { ...finding, decision: { ...decision, readOnly: true } }, { scope: 'mcp:read' }],
  ['MCP alone', { ...finding, decision: { ...decision, mcpOnly: true } }, { forge: { mcpOnly: true } }],
  ['facts of the host', { ...finding, live: { ...live, user: { ...live.user, name: 'A. A.' } } }, { name: 'A. A.' }],
  ['facts of the token', { ...finding, token: { ...token, facts: { ...token.facts, expiresAt: 9_000 } } }, { exp: 9 }],
  [
    'another instance',
    { ...finding, live: { ...live, instance: { ...live.instance, id: 'i2' } } },
    { forge: { instance: { id: 'i2' } } },
  ],
])('writes anew when it is about another one: %s', (_what, other, told) => {
  const { write } = startWriter()
  const before = write(finding)

  expect(write(other)).toMatchObject(told)
  expect(write(finding)).toEqual(before)
})
