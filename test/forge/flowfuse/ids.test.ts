import { describe, expect, it } from 'vitest'

import { createIds, isInstanceId } from '../../../forge/flowfuse/ids.ts'

const ids = createIds('a-platform')

describe('ids', () => {
  it('go there and back, for each kind in its own way', () => {
    for (const id of [1, 2, 77, 1_000_000, 2 ** 31 - 1]) {
      const texts = [ids.user.encode(id), ids.team.encode(id), ids.bareApplication.encode(id)]
      expect(new Set(texts).size).toBe(3)
      expect([ids.user.decode(texts[0] ?? ''), ids.team.decode(texts[1] ?? '')]).toEqual([id, id])
      expect(ids.user.decode(texts[1] ?? '')).toBeNull()
      expect(texts[0]).toMatch(/^[0-9A-Za-z]{10,}$/)
    }
  })

  it('are those of one platform', () => {
    expect(createIds('another').user.decode(ids.user.encode(5))).toBeNull()
  })

  it.each(['', '1', 'x', '; DROP TABLE', 'a'.repeat(10), 'a'.repeat(64), ids.user.encode(5).toLowerCase().slice(1)])(
    'are nothing for %j',
    (text) => {
      expect(ids.user.decode(text)).toBeNull()
    },
  )

  it('of a number that no database holds are nothing', () => {
    expect(ids.user.decode(ids.user.encode(2 ** 40))).toBeNull()
  })
})

describe('ids of what is in a team', () => {
  const uuid = '1c1ad5c6-8e33-4b6f-9d3f-0d5d3f6a4f10'

  it('hold the team, fit where ids go, and go there and back', () => {
    const [instance, application] = [ids.instance.encode(uuid, 7), ids.application.encode(3, 2 ** 31 - 1)]

    expect([ids.instance.decode(instance), ids.application.decode(application)]).toEqual([
      { id: uuid, team: 7 },
      { id: 3, team: 2 ** 31 - 1 },
    ])
    for (const id of [instance, application]) expect(id).toMatch(/^[0-9A-Za-z_-]{1,64}$/)
    expect(ids.instance.encode(uuid, 8)).not.toBe(instance)
  })

  it.each(['', '_', uuid, `${uuid}_`, `${uuid}_x`, `${uuid}_${ids.team.encode(7)}_`, `x_${ids.team.encode(7)}`])(
    'are nothing for %j',
    (text) => {
      expect(ids.instance.decode(text)).toBeNull()
    },
  )
})

describe('isInstanceId', () => {
  it('knows a UUID as FlowFuse writes it, and nothing else', () => {
    expect(isInstanceId('1c1ad5c6-8e33-4b6f-9d3f-0d5d3f6a4f10')).toBe(true)
    for (const text of ['', '1C1AD5C6-8E33-4B6F-9D3F-0D5D3F6A4F10', '1c1ad5c6', '../admin', `${'a'.repeat(36)}`]) {
      expect(isInstanceId(text)).toBe(false)
    }
  })
})
