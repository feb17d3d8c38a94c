import { describe, expect, it } from 'vitest'

import { useMcpInstance } from '../../../../support/sso/mcp-instance.ts'
import { dnOf, hasSlapd } from '../../../../support/sso/slapd.ts'
import { useLdapWorld } from './scene.ts'

describe.runIf(hasSlapd)('a call with a token of somebody from a directory', () => {
  const world = useLdapWorld('sqlite', { listen: true })
  const { connect, says, refuses } = useMcpInstance(world)

  it('names them and the role of the group; a look into the directory lowers it, and ends it with the entry', async () => {
    const { token } = await world.mint(await world.signIn('alice'))
    const client = await connect(token)
    await says(client, 'alice member')

    await world.directory.addGroup('ff-line-4-viewer', ['alice', 'bob'])
    await world.directory.setMembers('ff-line-4-member', ['bob'])
    await world.check()
    await says(client, 'alice viewer')

    await world.signIn('bob')
    await world.directory.delete(dnOf('alice'))
    await world.check()
    await refuses(client)
    await expect(connect(token)).rejects.toThrow()
    await client.close()
  })
})
