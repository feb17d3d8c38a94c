import { describe, expect, it } from 'vitest'

import type { Role } from '../../../forge/contract/role.ts'
import { callerFromAnswer } from '../../../instance/caller.ts'
import { mayCall, refuseCall, TOOL_FORBIDDEN, type DescribedTool } from '../../../instance/mcp/may-call.ts'
import { activeAnswer } from '../support/loopback-forge.ts'

const READ: DescribedTool = { name: 'whoami', annotations: { readOnlyHint: true } }
const WRITE: DescribedTool = { name: 'note', annotations: { readOnlyHint: false, destructiveHint: false } }
const DESTROY: DescribedTool = { name: 'reset', annotations: { destructiveHint: true } }
const SILENT: DescribedTool = { name: 'silent' }

const LEVELS = { dashboard: 5, viewer: 10, member: 30, owner: 50 } as const

function caller(name: Role, readOnly = false) {
  return callerFromAnswer(activeAnswer({}, { role: { name, level: LEVELS[name] }, readOnly }))
}

const callableBy = (who: ReturnType<typeof caller>) =>
  [READ, WRITE, DESTROY, SILENT].filter((tool) => mayCall(who, tool).allowed).map(({ name }) => name)

describe('mayCall', () => {
  it.each<[Role, string[]]>([
    ['dashboard', []],
    ['viewer', ['whoami']],
    ['member', ['whoami', 'note']],
    ['owner', ['whoami', 'note', 'reset', 'silent']],
  ])('lets a %s call %j', (role, expected) => {
    expect(callableBy(caller(role))).toEqual(expected)
  })

  it('lets a read-only token of an owner call only what reads', () => {
    expect(callableBy(caller('owner', true))).toEqual(['whoami'])
  })

  it('says what role would do', () => {
    expect(mayCall(caller('viewer'), DESTROY)).toEqual({
      allowed: false,
      rule: 'tool_role',
      reason: 'The tool reset needs the role owner; this token counts as viewer here.',
      needed: { role: 'owner', scope: 'mcp:write' },
    })
  })

  it('says what scope would do', () => {
    expect(mayCall(caller('owner', true), WRITE)).toEqual({
      allowed: false,
      rule: 'tool_read_only',
      reason: 'The tool note changes something and this token is read-only.',
      needed: { role: 'member', scope: 'mcp:write' },
    })
  })
})

describe('mayCall with the word of the owners', () => {
  const override = { off: false, minimumRole: null, people: null }

  it('refuses everybody a tool that is off', () => {
    expect(mayCall(caller('owner'), READ, { ...override, off: true })).toMatchObject({ rule: 'tool_on' })
  })

  it('lets the minimum role take the place of the hints, up and down', () => {
    expect(mayCall(caller('member'), READ, { ...override, minimumRole: 'owner' })).toMatchObject({ rule: 'tool_role' })
    expect(mayCall(caller('member'), DESTROY, { ...override, minimumRole: 'viewer' })).toEqual({ allowed: true })
  })

  it('never lets a read-only token write, whatever the minimum role', () => {
    const permission = mayCall(caller('owner', true), DESTROY, { ...override, minimumRole: 'viewer' })
    expect(permission).toMatchObject({ rule: 'tool_read_only' })
  })

  it('lets only the named people call, if their role is enough', () => {
    expect(mayCall(caller('member'), READ, { ...override, people: ['alice-id'] })).toEqual({ allowed: true })
    expect(mayCall(caller('owner'), READ, { ...override, people: ['bob-id'] })).toMatchObject({ rule: 'tool_person' })
    expect(mayCall(caller('member'), DESTROY, { ...override, people: ['alice-id'] })).toMatchObject({
      rule: 'tool_role',
    })
  })

  it('keeps a token to the tools that it is limited to', () => {
    const limited = callerFromAnswer(activeAnswer({}, { tools: ['note'] }))

    expect(mayCall(limited, WRITE)).toEqual({ allowed: true })
    expect(mayCall(limited, READ)).toMatchObject({ rule: 'tool_listed' })
  })
})

it('refuseCall makes an error that a model can act on', () => {
  const needed = { role: 'owner', scope: 'mcp:write' } as const
  const error = refuseCall(DESTROY, { allowed: false, rule: 'tool_role', reason: 'It needs more.', needed })

  expect(error.code).toBe(TOOL_FORBIDDEN)
  expect(error.message).toContain('It needs more. Do not call it again; tell the person who uses you.')
  expect(error.data).toEqual({ tool: 'reset', rule: 'tool_role', needed })
})
