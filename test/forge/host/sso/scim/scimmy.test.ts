import SCIMMY from 'scimmy'
import { describe, expect, it } from 'vitest'

import { GROUP, USER, useScimForge } from './scene.ts'

/** What a SCIM library that has nothing to do with this project makes of the answers, and does with the same operations. */
const world = useScimForge()

interface Described {
  name: string
  type: string
  multiValued: boolean
  mutability: string
  required: boolean
  subAttributes?: Described[]
}

it('reads people, groups and lists of them', async () => {
  const { body: alice } = await world.tell('alice', { displayName: 'Alice Arnold' })
  const { body: group } = await world.tellGroup('Makers', [alice.id])
  const { body: read } = await world.scim('GET', `/Users/${alice.id}`)

  const user = new SCIMMY.Schemas.User(read, 'out')
  expect(user).toMatchObject({
    userName: alice.userName,
    active: true,
    displayName: 'Alice Arnold',
    groups: [{ value: group.id, display: 'Makers' }],
  })
  expect(new SCIMMY.Schemas.Group(group, 'out')).toMatchObject({
    displayName: 'Makers',
    members: [{ value: alice.id, display: alice.userName, type: 'User' }],
  })
  const { body: list } = await world.scim('GET', '/Users')
  const messages = new SCIMMY.Messages.ListResponse(list as never)
  expect(messages).toMatchObject({ totalResults: 1, startIndex: 1, itemsPerPage: 1 })
})

it('knows each attribute that the schemas name, of the same kind', async () => {
  const { body } = await world.scim('GET', '/Schemas')
  const compare = (ours: Described[], theirs: Described[], within: string) => {
    for (const { name, type, multiValued, mutability, required, subAttributes } of ours) {
      // The RFC has no display of members; here it is the userName, whatever is sent.
      if (`${within}${name}` === 'members.display') continue
      const same = theirs.find((each) => each.name === name)
      expect({ name: `${within}${name}`, type, multiValued, mutability, required }).toEqual({
        name: `${within}${same?.name ?? 'nothing'}`,
        type: same?.type,
        multiValued: same?.multiValued,
        mutability: same?.mutability,
        required: same?.required,
      })
      if (subAttributes) compare(subAttributes, same?.subAttributes ?? [], `${name}.`)
    }
  }
  const theirs = { [USER]: SCIMMY.Schemas.User, [GROUP]: SCIMMY.Schemas.Group }
  for (const { id, attributes } of body.Resources as unknown as { id: string; attributes: Described[] }[]) {
    const schema = theirs[id as keyof typeof theirs]
    const described = JSON.parse(JSON.stringify(schema.definition.describe())) as { attributes: Described[] }
    compare(attributes, described.attributes, '')
  }
})

describe('a PATCH comes to the same', () => {
  it.each<[string, object[]]>([
    ['replacing without a path', [{ op: 'replace', value: { displayName: 'B', active: false } }]],
    ['replacing one attribute', [{ op: 'replace', path: 'displayName', value: 'B' }]],
    ['part of the name', [{ op: 'replace', path: 'name.familyName', value: 'B' }]],
    ['more of the name', [{ op: 'add', path: 'name', value: { middleName: 'C' } }]],
    ['a part taken away', [{ op: 'remove', path: 'name.givenName' }]],
    ['an attribute taken away', [{ op: 'remove', path: 'displayName' }]],
    ['an address by its type', [{ op: 'replace', path: 'emails[type eq "home"].value', value: 'new@home.example' }]],
    ['one more address', [{ op: 'add', path: 'emails', value: [{ value: 'o@home.example', type: 'other' }] }]],
    ['an address taken away', [{ op: 'remove', path: 'emails[type eq "home"]' }]],
    [
      'several one after the other',
      [
        { op: 'remove', path: 'emails[type eq "home"]' },
        { op: 'add', path: 'emails', value: [{ value: 'x@home.example', type: 'home' }] },
        { op: 'replace', path: 'active', value: false },
        { op: 'replace', path: 'active', value: true },
        { op: 'add', path: 'name.honorificPrefix', value: 'Dr' },
      ],
    ],
  ])('%s', async (_, operations) => {
    const address = `alice@${world.domain}`
    const emails = [
      { value: address, type: 'work', primary: true },
      { value: 'alice@home.example', type: 'home' },
    ]
    const { body: before } = await world.tell('alice', { displayName: 'A', emails })
    const message = { schemas: [SCIMMY.Messages.PatchOp.id], Operations: operations }

    const theirs = await new SCIMMY.Messages.PatchOp(structuredClone(message) as never).apply(
      new SCIMMY.Schemas.User(before),
    )
    const ours = (await world.scim('PATCH', `/Users/${before.id}`, message)).body
    const comparable = (resource: object) => {
      const { userName, active, displayName, name, emails: list } = resource as Record<string, unknown>
      return JSON.parse(JSON.stringify({ userName, active, displayName, name, emails: list })) as object
    }
    expect(comparable(ours)).toEqual(comparable(theirs))
  })
})
