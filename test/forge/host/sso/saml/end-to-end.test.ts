import { expect, it } from 'vitest'

import { useMcpInstance } from '../../../../support/sso/mcp-instance.ts'
import { useSamlWorld } from './world.ts'

const world = useSamlWorld({}, { listen: true })
const { connect, says, refuses } = useMcpInstance(world)
const withGroups = (...groups: string[]) =>
  world.idp.accounts.set('alice-1', { email: 'alice@acme.example', username: 'alice', groups })

it('names who calls and the role of the SAML group, which the next sign-in lowers and takes away', async () => {
  const token = await world.mint(await world.signIn('alice-1'))
  const client = await connect(token)
  await says(client, 'alice member')

  withGroups('ff-line-4-viewer')
  await world.signIn('alice-1')
  await says(client, 'alice viewer')

  withGroups()
  await world.signIn('alice-1')
  await refuses(client)
  await expect(connect(token)).rejects.toThrow()
  await client.close()
})
