import { expect, it } from 'vitest'

import { uuid7 } from '../../../instance/call-log/uuid7.ts'

it('makes UUIDs of version 7 that hold the time', () => {
  expect(uuid7(0x019ab3f25c1e)).toMatch(/^019ab3f2-5c1e-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuid7(1)).not.toBe(uuid7(1))
})
