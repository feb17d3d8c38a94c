import { expect, it } from 'vitest'

import { checkText } from '../../../command/doctor/check-text.ts'
import { formatToken } from '../../../forge/contract/token-format.ts'

const TOKEN = formatToken({ selector: 'abcdefghijkl', secret: 'S'.repeat(43) })

it('is content with a whole token', () => {
  expect(checkText('FORGE_TOKEN', TOKEN)).toEqual({ state: 'ok', says: 'FORGE_TOKEN holds a whole token.' })
})

it.each([
  ['', /is empty/],
  ['${FORGE_TOKEN}', /name of a variable/],
  ['%FORGE_TOKEN%', /name of a variable/],
  ['YOUR_TOKEN', /placeholder/],
  ['<token>', /placeholder/],
  [`Bearer ${TOKEN}`, /begins with the word Bearer/],
  [`"${TOKEN}"`, /quotes/],
  [`${TOKEN.slice(0, 30)}\n${TOKEN.slice(30)}`, /blank or a line break/],
  [TOKEN.slice(0, 40), /cut short/],
  [`${TOKEN.slice(0, -1)}~`, /wrong character/],
  [`ffpat_${'a'.repeat(43)}`, /FlowFuse platform/],
  ['ghp_something', /no access token/],
])('says what is wrong with %j, without repeating it', (text, message) => {
  const { state, says, todo } = checkText('FORGE_TOKEN', text)
  expect(says).toMatch(message)
  expect([state, todo]).toEqual(['wrong', expect.any(String)])
  if (text.length > 20) expect(says + todo).not.toContain(text.slice(0, 20))
})
