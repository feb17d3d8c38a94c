import { expect, it, vi } from 'vitest'

import { oldToolsTask } from '../../../forge/mcp/old-tools.ts'
import type { Dialect } from '../../support/database.ts'
import { createInstance } from '../../support/builders.ts'
import { DAY_MS, NOW, useWorld } from '../oversight/scene.ts'
import { asInstance, DESTROY, READ, report, setOf, toolsOf, WRITE } from './scene.ts'

const HOUR_MS = 3_600_000
const at = (ms: number) => new Date(ms).toISOString()

/** What an instance reports of its tools, on whichever database. */
export function registryCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const ask = () => asInstance(world.forge, world.instance)
  const shown = async () =>
    (await toolsOf(world.owner, world.instance)).tools.map(({ name, firstSeenAt, changedAt, lastSeenAt, gone }) => {
      return { name, firstSeenAt, changedAt, lastSeenAt, gone }
    })

  it('is empty until the instance reports', async () => {
    expect(await toolsOf(world.owner, world.instance)).toMatchObject({ reportedAt: null, count: 0, tools: [] })
  })

  it('keeps what was reported, with what each tool asks of its caller', async () => {
    const answer = await ask()('PUT', 'tools', setOf([WRITE, READ, DESTROY]))
    expect([answer.statusCode, answer.headers.etag, answer.body]).toEqual([204, '"0123456789abcdef"', ''])

    const { reportedAt, count, tools } = await toolsOf(world.owner, world.instance)
    expect([reportedAt, count]).toEqual([at(NOW), 3])
    expect(tools.map(({ name, requirement }) => [name, requirement.role, requirement.writes])).toEqual([
      ['read_metrics', 'viewer', false],
      ['set_speed', 'member', true],
      ['stop_line', 'owner', true],
    ])
    expect(tools[0]).toMatchObject({
      ...READ,
      server: { path: '/mcp', name: 'Line 4' },
      rule: null,
      firstSeenAt: at(NOW),
      changedAt: null,
      lastSeenAt: at(NOW),
      gone: false,
    })
    expect(tools[2]).toMatchObject({ title: null, description: null, inputSchema: null, annotations: {} })
  })

  it('takes no body when the set is still the one of the hash, and marks it as seen', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    vi.setSystemTime(NOW + HOUR_MS)

    const answer = await ask()('PUT', 'tools', undefined, { 'if-match': '"0123456789abcdef"' })
    expect([answer.statusCode, answer.headers.etag]).toEqual([204, '"0123456789abcdef"'])
    expect(await shown()).toEqual([
      { name: 'read_metrics', firstSeenAt: at(NOW), changedAt: null, lastSeenAt: at(NOW + HOUR_MS), gone: false },
    ])
  })

  it('wants the body when it has another set, or none', async () => {
    const confirm = async () =>
      (await ask()('PUT', 'tools', undefined, { 'if-match': '"fedcba9876543210"' })).json<{ code: string }>().code
    expect(await confirm()).toBe('precondition_failed')

    await report(world.forge, world.instance, setOf([READ]))
    expect(await confirm()).toBe('precondition_failed')
    expect((await shown())[0]?.lastSeenAt).toBe(at(NOW))
  })

  it('keeps a thousand tools that are gone, those that went last', async () => {
    const many = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => ({ name: `${prefix}_${i}` }))
    const two = (prefix: string) => ({
      hash: `hash-of-all-${prefix}`,
      servers: ['/a', '/b'].map((path) => ({ path, name: 'Line', tools: many(prefix, 450) })),
    })
    for (const prefix of ['first', 'second', 'third']) {
      await report(world.forge, world.instance, two(prefix))
      vi.setSystemTime(Date.now() + HOUR_MS)
    }

    const kept = await shown()
    const left = (prefix: string) => kept.filter(({ name, gone }) => gone && name.startsWith(prefix)).length
    expect([kept.length, left('second'), left('first')]).toEqual([1_900, 900, 100])
  })

  it('says when a tool changed in what it does, what it takes, or what it hints at, and not for other words', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE, DESTROY]))
    vi.setSystemTime(NOW + HOUR_MS)

    const reordered = { properties: { hours: { type: 'number' } }, type: 'object' }
    await report(world.forge, world.instance, {
      hash: 'another-hash-0123',
      servers: [
        {
          path: '/mcp',
          name: 'Line Four',
          tools: [
            { ...READ, title: 'Metrics', inputSchema: reordered },
            { ...WRITE, annotations: { ...WRITE.annotations, openWorldHint: true } },
            { ...DESTROY, description: 'Stops the line at once.' },
          ],
        },
      ],
    })

    const { tools } = await toolsOf(world.owner, world.instance)
    expect(tools.map(({ changedAt }) => changedAt)).toEqual([null, at(NOW + HOUR_MS), at(NOW + HOUR_MS)])
    expect(tools[0]).toMatchObject({ title: 'Metrics', server: { name: 'Line Four' }, firstSeenAt: at(NOW) })
  })

  it('keeps a tool that is gone, with when it was seen last, and takes it back when it returns', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE]))
    vi.setSystemTime(NOW + HOUR_MS)
    await ask()('PUT', 'tools', undefined, { 'if-match': '"0123456789abcdef"' })
    vi.setSystemTime(NOW + DAY_MS)
    await report(world.forge, world.instance, setOf([READ], 'without-set-speed'))

    const gone = { name: 'set_speed', firstSeenAt: at(NOW), changedAt: null, lastSeenAt: at(NOW + HOUR_MS), gone: true }
    expect((await shown())[1]).toEqual(gone)

    await report(world.forge, world.instance, setOf([READ, WRITE]))
    expect((await shown())[1]).toEqual({ ...gone, lastSeenAt: at(NOW + DAY_MS), gone: false })
  })

  it('forgets tools that are gone for 90 days, and no others', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE]))
    await report(world.forge, world.instance, setOf([READ], 'without-set-speed'))
    const task = oldToolsTask(world.forge.db)

    await task.run(new Date(NOW + 90 * DAY_MS), () => false)
    expect(await shown()).toHaveLength(2)
    await task.run(new Date(NOW + 90 * DAY_MS + 1), () => false)
    expect((await shown()).map(({ name }) => name)).toEqual(['read_metrics'])
  })

  it('keeps one whole set when several are reported at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const sets = names.map((name) => ({ hash: name.repeat(16), tools: [READ, { ...WRITE, name }] }))
    const answers = await Promise.all(sets.map(({ hash, tools }) => ask()('PUT', 'tools', setOf(tools, hash))))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(names.map(() => 204))

    const offered = (await shown()).filter(({ gone }) => !gone).map(({ name }) => name)
    const standing = []
    for (const { hash } of sets) {
      const { statusCode } = await ask()('PUT', 'tools', undefined, { 'if-match': `"${hash}"` })
      if (statusCode === 204) standing.push(hash)
    }
    expect(standing).toHaveLength(1)
    expect(offered).toEqual([standing[0]?.[0], 'read_metrics'])
  })

  it.each([
    ['two servers with one path', { ...setOf([READ]), servers: [...setOf([READ]).servers, ...setOf([]).servers] }],
    ['two tools with one name', setOf([READ, READ])],
    ['a field that is not known', setOf([{ ...READ, outputSchema: {} } as never])],
    ['a schema that nests too deep', setOf([{ ...READ, inputSchema: nested(2_000) }])],
    ['no hash', { servers: [] }],
  ])('refuses %s and keeps what it had', async (_what, set) => {
    await report(world.forge, world.instance, setOf([WRITE]))

    const answer = await ask()('PUT', 'tools', set)
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request'])
    expect((await shown()).map(({ name }) => name)).toEqual(['set_speed'])
  })

  it('takes text that no database could keep as it is', async () => {
    const odd = { ...READ, name: 'half \ud800', description: 'a NUL \0 and half a pair \udc00' }
    await report(world.forge, world.instance, setOf([odd]))
    await report(world.forge, world.instance, setOf([odd], 'the-same-again-0'))

    const { tools } = await toolsOf(world.owner, world.instance)
    expect(tools).toMatchObject([
      { name: 'half \ufffd', description: 'a NUL  and half a pair \ufffd', changedAt: null },
    ])
  })

  it('refuses a request with neither a body nor a hash, and one with both', async () => {
    const answers = [await ask()('PUT', 'tools'), await ask()('PUT', 'tools', setOf([]), { 'if-match': '"x"' })]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400])
  })

  it('takes sets larger than other bodies, up to 2 MiB', async () => {
    const large = (count: number) =>
      setOf(Array.from({ length: count }, (_, i) => ({ name: `tool_${i}`, description: 'x'.repeat(4_000) })))

    await report(world.forge, world.instance, large(400))
    expect((await toolsOf(world.owner, world.instance)).count).toBe(400)

    const tooLarge = { ...large(400), servers: [1, 2].map((n) => ({ ...large(400).servers[0], path: `/mcp${n}` })) }
    const answer = await ask()('PUT', 'tools', tooLarge)
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([413, 'payload_too_large'])
  })

  it('belongs to the instance whose credential was sent', async () => {
    const other = await createInstance(world.forge, { application: world.application, name: 'labeller' })
    await report(world.forge, other, setOf([DESTROY]))

    expect((await toolsOf(world.owner, world.instance)).count).toBe(0)
    expect((await toolsOf(world.owner, other)).count).toBe(1)
  })

  it('is reported with the credential of an instance alone', async () => {
    const { app, url } = world.forge
    const put = (headers: Record<string, string>) =>
      app.inject({ method: 'PUT', url: `${url}/api/v1/instance/tools`, headers, payload: setOf([]) })

    const answer = await put({ authorization: 'Bearer fft_wrong' })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([401, 'invalid_client'])
    expect((await put({})).statusCode).toBe(401)
    expect((await world.owner('PUT', '/api/v1/instance/tools', setOf([]))).statusCode).toBe(401)
  })
}

/** A JSON schema that says nothing, many levels deep. */
function nested(depth: number): Record<string, unknown> {
  let schema: Record<string, unknown> = {}
  for (let level = 0; level < depth; level += 1) schema = { not: schema }
  return schema
}
