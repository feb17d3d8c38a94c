import { describe, expect, it, vi } from 'vitest'

import { GROUP, person, USER, useScimForge } from './scene.ts'

const world = useScimForge()
const at = (name: string) => `${name}@${world.domain}`

describe('people', () => {
  it('are created with a place and a version, as application/scim+json', async () => {
    const answer = await world.tell('alice')
    expect([answer.status, answer.type]).toEqual([201, 'application/scim+json; charset=utf-8'])
    expect(answer.body).toMatchObject({
      schemas: [USER],
      userName: at('alice'),
      externalId: 'alice-1',
      name: { givenName: 'alice', familyName: 'Arnold' },
      emails: [{ value: at('alice'), type: 'work', primary: true }],
      active: true,
      meta: { resourceType: 'User', version: 'W/"1"' },
    })
    const { location } = answer.body.meta
    expect([answer.headers['location'], answer.headers['etag']]).toEqual([location, 'W/"1"'])
    expect(location).toBe(`${world.forge.url}/scim/v2/Users/${answer.body.id}`)
    expect((await world.scim('GET', `/Users/${answer.body.id}`)).body).toEqual(answer.body)
  })

  it('have one user name each, in any case', async () => {
    await world.tell('alice')
    const again = await world.tell('alice', { userName: at('ALICE') })
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness'])
  })

  it('are replaced as a whole; activity that is not named stays', async () => {
    const { body } = await world.tell('alice', { active: false })
    const replaced = await world.scim('PUT', `/Users/${body.id}`, {
      schemas: [USER],
      userName: at('alice.b'),
      displayName: 'Alice Brown',
    })
    expect(replaced.status).toBe(200)
    expect(replaced.body).toMatchObject({ userName: at('alice.b'), displayName: 'Alice Brown', active: false })
    expect(replaced.body).not.toHaveProperty('emails')
    expect(replaced.body).not.toHaveProperty('externalId')
    expect(replaced.body.meta.version).toBe('W/"2"')
  })

  it('are gone after a deletion, and can be told of again', async () => {
    const { body } = await world.tell('alice')
    expect((await world.scim('DELETE', `/Users/${body.id}`)).status).toBe(204)
    expect((await world.scim('GET', `/Users/${body.id}`)).status).toBe(404)
    const again = await world.tell('alice')
    expect(again.status).toBe(201)
    expect(again.body.id).not.toBe(body.id)
    expect(await world.forge.store.User.count({ where: { email: at('alice') } })).toBe(1)
  })
})

describe('finding', () => {
  it.each([
    ['userName eq "ALICE@DOMAIN"', 1],
    ['USERNAME EQ "alice@DOMAIN"', 1],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "alice@DOMAIN"', 1],
    ['externalId eq "alice-1"', 1],
    ['externalId eq "ALICE-1"', 0],
    ['userName eq "alice@DOMAIN" and externalId eq "bob-1"', 0],
    ['userName eq "bob@DOMAIN" and userName eq "alice@DOMAIN"', 0],
    ['userName eq "nobody"', 0],
    ['userName eq "x\' OR 1=1 --"', 0],
  ])('%s finds %i', async (filter, count) => {
    await world.tell('alice')
    await world.tell('bob')
    const { status, body } = await world.scim(
      'GET',
      `/Users?filter=${encodeURIComponent(filter.replaceAll('DOMAIN', world.domain))}`,
    )
    expect([status, body.totalResults, body.Resources.length]).toEqual([200, count, count])
  })

  it('finds by id', async () => {
    const { body } = await world.tell('alice')
    const { body: found } = await world.scim('GET', `/Users?filter=${encodeURIComponent(`id eq "${body.id}"`)}`)
    expect(found.Resources).toEqual([body])
  })

  it('finds groups by name in any case, and by a member', async () => {
    const { body: alice } = await world.tell('alice')
    const { body: group } = await world.tellGroup('Makers', [alice.id])
    await world.tellGroup('Others')
    for (const filter of [
      'displayName eq "makers"',
      `members eq "${alice.id}"`,
      `members[value eq "${alice.id}"]`,
      `id eq "${group.id}" and members.value eq "${alice.id}"`,
    ]) {
      const { body } = await world.scim('GET', `/Groups?filter=${encodeURIComponent(filter)}`)
      expect(
        body.Resources.map(({ id }) => id),
        filter,
      ).toEqual([group.id])
    }
  })

  it.each([
    'userName co "a"',
    'title eq "x"',
    'userName',
    '((((',
    'userName eq',
    'userName eq 7',
    'not (userName eq "a")',
  ])('refuses %s as invalidFilter', async (filter) => {
    const { status, body } = await world.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    expect([status, body.scimType, body.schemas]).toEqual([
      400,
      'invalidFilter',
      ['urn:ietf:params:scim:api:messages:2.0:Error'],
    ])
  })

  it('pages from 1 on', async () => {
    for (const name of ['a', 'b', 'c']) await world.tell(name)
    const pages = ['startIndex=1&count=2', 'startIndex=3&count=2', 'startIndex=9', 'startIndex=-4&count=-1', 'count=0']
    const seen: string[] = []
    const sizes = []
    for (const page of pages) {
      const { body } = await world.scim('GET', `/Users?${page}`)
      expect(body.totalResults).toBe(3)
      sizes.push([body.itemsPerPage, body.Resources.length])
      seen.push(...body.Resources.map(({ id }) => id))
    }
    expect(sizes).toEqual([
      [2, 2],
      [1, 1],
      [0, 0],
      [0, 0],
      [0, 0],
    ])
    expect(new Set(seen).size).toBe(3)
  })

  it('answers what is wished', async () => {
    const { body: alice } = await world.tell('alice')
    const { body: group } = await world.tellGroup('Makers', [alice.id])
    const { body: some } = await world.scim('GET', `/Users/${alice.id}?attributes=userName,emails.value,NAME.givenname`)
    expect(some).toEqual({
      schemas: [USER],
      id: alice.id,
      userName: at('alice'),
      name: { givenName: 'alice' },
      emails: [{ value: at('alice') }],
    })
    const without = await world.scim('GET', `/Groups/${group.id}?excludedAttributes=members,meta`)
    expect(without.body).toEqual({ schemas: [GROUP], id: group.id, displayName: 'Makers' })
    const list = await world.scim('GET', '/Groups?excludedAttributes=members')
    expect(list.body.Resources[0]).not.toHaveProperty('members')
  })
})

describe('groups of people', () => {
  it('are found by one statement for a whole page, and by none where nobody asks for them', async () => {
    const ids = [(await world.tell('alice')).body.id, (await world.tell('bob')).body.id]
    for (const name of ['Makers', 'Buyers']) await world.tellGroup(name, ids)

    const asked = async (path: string) => {
      const query = vi.spyOn(world.forge.db, 'query')
      const { body } = await world.scim('GET', path)
      const statements = query.mock.calls.filter(([sql]) => /scim_(members|groups)/.test(JSON.stringify(sql)))
      query.mockRestore()
      return { statements: statements.length, people: 'Resources' in body ? body.Resources : [] }
    }
    const { statements, people } = await asked('/Users')
    expect(people.map(({ groups }) => groups?.map(({ display }) => display))).toEqual([
      ['Buyers', 'Makers'],
      ['Buyers', 'Makers'],
    ])
    expect(statements).toBe(1)
    for (const path of [
      '/Users?attributes=userName',
      '/Users?excludedAttributes=groups',
      `/Users/${ids[0]}?attributes=id`,
    ])
      expect((await asked(path)).statements).toBe(0)
  })
})

describe('versions', () => {
  it('are answered 304 to who knows them, and changed only by who knows the last one', async () => {
    const { body } = await world.tell('alice')
    const path = `/Users/${body.id}`
    const bearer = { authorization: `Bearer ${world.token}` }
    const read = (etag: string) => world.scim('GET', path, undefined, { ...bearer, 'if-none-match': etag })
    expect([(await read('W/"1"')).status, (await read('"1"')).status, (await read('W/"7"')).status]).toEqual([
      304, 304, 200,
    ])

    const write = (etag: string, given: string) =>
      world.scim('PUT', path, person(at('alice'), { name: { givenName: given } }), { ...bearer, 'if-match': etag })
    expect((await write('W/"1"', 'Alicia')).status).toBe(200)
    expect((await write('W/"1"', 'Alina')).status).toBe(412)
    expect((await write('*', 'Alina')).body.meta.version).toBe('W/"3"')
    const remove = (etag: string) => world.scim('DELETE', path, undefined, { ...bearer, 'if-match': etag })
    expect([(await remove('W/"1"')).status, (await remove('W/"3"')).status]).toEqual([412, 204])
  })

  it('of a person go on when a group does', async () => {
    const { body: alice } = await world.tell('alice')
    await world.tellGroup('Makers', [alice.id])
    const { body } = await world.scim('GET', `/Users/${alice.id}`)
    expect(body.meta.version).not.toBe(alice.meta.version)
    expect(body.groups).toMatchObject([{ display: 'Makers', type: 'direct' }])
  })
})

describe('what the endpoint says of itself', () => {
  it('lists what it can do, what there is, and of what form', async () => {
    const config = await world.scim('GET', '/ServiceProviderConfig')
    expect(config.body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
      etag: { supported: true },
    })
    const types = await world.scim('GET', '/ResourceTypes')
    expect(types.body.Resources.map(({ id }) => id)).toEqual(['User', 'Group'])
    const schemas = await world.scim('GET', '/Schemas')
    expect(schemas.body.Resources.map(({ id }) => id)).toEqual([USER, GROUP])
    expect((await world.scim('GET', `/Schemas/${USER}`)).body.id).toBe(USER)
    expect((await world.scim('GET', '/ResourceTypes/Group')).body).toMatchObject({ endpoint: '/Groups', schema: GROUP })
    expect((await world.scim('GET', '/ResourceTypes/Car')).status).toBe(404)
  })
})
