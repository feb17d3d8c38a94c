import { expect, it } from 'vitest'

import type { CreatedToken } from '../../../../../forge/contract/token.ts'
import type { Dialect } from '../../../../support/database.ts'
import { useMcpInstance } from '../../../../support/sso/mcp-instance.ts'
import { NOW } from '../scene.ts'
import { useScimWorld } from './scene.ts'

/** The whole way: a real forge that listens, a real provider, a real MCP server behind our middleware, a real client. */
export function endToEndCases(dialect: Dialect): void {
  const world = useScimWorld(dialect, { listen: true })
  const { connect, says, refuses } = useMcpInstance(world)

  async function mint(): Promise<string> {
    const browser = await world.signIn('alice-1')
    const answer = await browser.call('POST', '/api/v1/tokens', {
      name: 'Claude Code',
      role: 'member',
      readOnly: false,
      grants: [{ type: 'instance', id: world.instance.id }],
      expiresAt: new Date(NOW + 86_400_000).toISOString(),
    })
    return answer.json<CreatedToken>().token
  }

  it('names who calls and the role of the group; the role follows the group, and nothing is left of who is disabled', async () => {
    const alice = (await world.tell('alice')).body.id
    const { body: members } = await world.tellGroup('ff-line-4-member', [alice])
    const { body: viewers } = await world.tellGroup('ff-line-4-viewer', [alice])
    const token = await mint()
    const client = await connect(token)
    await says(client, 'alice member')

    await world.patch(`/Groups/${members.id}`, { op: 'remove', path: `members[value eq "${alice}"]` })
    await says(client, 'alice viewer')

    await world.patch(`/Groups/${viewers.id}`, { op: 'remove', path: 'members', value: [{ value: alice }] })
    await refuses(client)

    await world.patch(`/Groups/${members.id}`, { op: 'add', path: 'members', value: [{ value: alice }] })
    await says(client, 'alice member')

    const session = await world.signIn('alice-1')
    await world.patch(`/Users/${alice}`, { op: 'Replace', path: 'active', value: 'False' })
    await refuses(client)
    expect((await session.call('GET', '/api/v1/user')).statusCode).toBe(401)
    await expect(connect(token)).rejects.toThrow()
    await expect(world.signIn('alice-1')).rejects.toThrow('suspended')
    await client.close()
  })
}
