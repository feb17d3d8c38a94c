import { expect, it } from 'vitest'

import { callerFromAnswer, type Caller } from '../../../instance/caller.ts'
import type { InstanceRequest } from '../../../instance/connect.ts'
import { whoamiTool } from '../../../instance/node-red/whoami.ts'
import { activeAnswer } from '../support/loopback-forge.ts'

const callOf = (caller: Caller) => ({
  caller,
  args: {},
  request: {} as InstanceRequest,
  signal: new AbortController().signal,
})
const { tool, complain, run } = whoamiTool(({ role }) => (role.name === 'member' ? ['look', 'whoami'] : []))

it('says who calls, as what, what they may call here and when the token ends', async () => {
  const caller = callerFromAnswer(activeAnswer({ exp: 1_800_000_000 }))

  const { structuredContent, content } = await run(callOf(caller))

  expect(structuredContent).toEqual({
    user: { userId: 'alice-id', username: 'alice', name: 'Alice Example' },
    team: { slug: 'line-3', name: 'Line 3' },
    role: 'member',
    readOnly: false,
    tools: ['look', 'whoami'],
    token: { id: 'tokenA', expiresAt: '2027-01-15T08:00:00.000Z' },
  })
  expect(content).toEqual([{ type: 'text', text: JSON.stringify(structuredContent, null, 2) }])
})

it('says that a token never ends, and that it is read-only', async () => {
  const caller = callerFromAnswer(activeAnswer({ scope: 'mcp:read' }, { role: { name: 'viewer', level: 10 } }))

  expect((await run(callOf(caller))).structuredContent).toMatchObject({
    role: 'viewer',
    readOnly: true,
    tools: [],
    token: { expiresAt: null },
  })
})

it('only reads, so that every viewer may ask, and takes no arguments', () => {
  expect(tool.annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false })
  expect(complain({})).toBeNull()
  expect(complain({ user: 'bob' })).toContain('there are none')
})
