import { connect } from './support/calls.ts'
import { expect, test } from './support/lane.ts'
import { createMember, mint, ROLE } from './support/people.ts'

/** As the issue has it. */
const WRITES = 300
const AT_ONCE = 4

test('FlowFuse writes and we read the same file, and neither makes the other fail', async ({
  site,
  team,
  application,
  line,
}) => {
  const person = await createMember(site, team, ROLE.member)
  const { token } = await mint(person, line.id)
  const authorization = `Basic ${Buffer.from(`${line.uuid}:${await line.credential()}`).toString('base64')}`
  const introspect = async () => {
    const body = new URLSearchParams({ token })
    const answer = await fetch(`${site.url}/pat/oauth/introspect`, { method: 'POST', headers: { authorization }, body })
    expect(await answer.json()).toMatchObject({ active: true })
  }
  let reads = 0
  const written = new AbortController()
  const reader = async (read: () => Promise<unknown>) => {
    for (; !written.signal.aborted; reads++) await read()
  }
  let writes = 0
  const writer = async () => {
    while (writes < WRITES) {
      const name = `Packaging ${++writes}`
      await site.admin('PUT', `/api/v1/applications/${application.id}`, { name, description: '' })
    }
  }

  const readers = [
    reader(introspect),
    reader(introspect),
    reader(() => person.call('GET', '/pat/api/v1/tokens')),
    reader(() => person.call('GET', `/pat/api/v1/instances?teamId=${team.id}`)),
  ]
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, writer))
  } finally {
    written.abort()
  }
  await Promise.all(readers)
  expect(reads).toBeGreaterThan(WRITES / 10)
  const { name } = await site.admin<{ name: string }>('GET', `/api/v1/applications/${application.id}`)
  expect(name).toMatch(/^Packaging (?:29[7-9]|300)$/)
})

test('while FlowFuse is down everybody is told to come again, and nobody is guessed at; then all works as before', async ({
  site,
  team,
  line,
}) => {
  const person = await createMember(site, team, ROLE.member)
  const { token } = await mint(person, line.id)
  const caller = await connect(line, token)
  const before = await caller.whoami()
  const statusOf = async (url: string, headers: Record<string, string>, method = 'GET') =>
    (await fetch(url, { method, headers })).status
  const browser = { cookie: person.cookie }
  const bearer = { authorization: `Bearer ${token}` }

  await site.stopFlowFuse()
  try {
    expect(await statusOf(`${site.url}/pat/health/ready`, {})).toBe(503)
    expect(await statusOf(`${site.url}/pat/api/v1/tokens`, browser, 'POST')).toBe(503)
    await expect.poll(() => statusOf(`${site.url}/pat/api/v1/user`, browser)).toBe(503)
    // Until then it is believed for ten seconds that the instance is who it says.
    const atInstance = new Set<number>()
    await expect
      .poll(async () => {
        const status = await statusOf(`${line.url}/who`, bearer)
        atInstance.add(status)
        return status
      })
      .toBe(503)
    expect([...atInstance].filter((status) => ![200, 503].includes(status))).toEqual([])
  } finally {
    await site.startFlowFuse()
  }

  await expect.poll(() => statusOf(`${line.url}/who`, bearer)).toBe(200)
  expect(await caller.whoami()).toEqual(before)
  expect(await statusOf(`${site.url}/pat/api/v1/user`, browser)).toBe(200)
  expect(await statusOf(`${site.url}/pat/health/ready`, {})).toBe(200)
  await caller.close()
})
