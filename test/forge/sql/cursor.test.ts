import { describe, expect, it } from 'vitest'

import { ForgeError } from '../../../forge/errors/forge-error.ts'
import { readCursor, writeCursor } from '../../../forge/sql/cursor.ts'

const id = '0f6f1a3e-7c2b-4d55-9a53-1f6f1a3e7c2b'

describe('a cursor', () => {
  it('leads back to its place, from a row of either database', () => {
    const place = { createdAt: new Date('2026-11-23T10:00:00.123Z'), id }
    expect(readCursor(writeCursor(place))).toEqual(place)
    expect(writeCursor({ createdAt: '2026-11-23 10:00:00.123 +00:00', id })).toBe(writeCursor(place))
  })

  it.each(['', 'x', `_${id}`, `1795428000123_${id}x`, `1795428000123_'`, `99999999999999_${id}`])(
    'is refused when no list gave it out: %j',
    (cursor) => {
      expect(() => readCursor(cursor)).toThrow(ForgeError)
      expect(() => readCursor(cursor)).toThrow('Start again without one.')
    },
  )
})
