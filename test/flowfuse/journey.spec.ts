import { CLIENTS } from '../e2e/support/mcp-client.ts'
import { expect, test } from './support/lane.ts'
import { createMember, mint, ROLE } from './support/people.ts'

test('an MCP client calls a tool of an instance, which names the person and their team role', async ({
  site,
  team,
  line,
}) => {
  const person = await createMember(site, team, ROLE.member)
  const { token } = await mint(person, line.id)
  const client = await CLIENTS.v2({ url: `${line.url}/mcp`, headers: { Authorization: `Bearer ${token}` } })

  expect(await client.callTool({ name: 'whoami' })).toMatchObject({
    structuredContent: { username: person.username, userId: person.id, role: 'member' },
  })
  await client.close()
})
