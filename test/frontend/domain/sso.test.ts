import { describe, expect, it } from 'vitest'

import { describeProblem } from '../../../frontend/domain/sso.ts'

describe('describeProblem', () => {
  it('says what happened, and nothing that an address made up', () => {
    expect(describeProblem('provider_unavailable', 'Okta')).toBe(
      'Okta does not answer right now. Try again in a few minutes.',
    )
    expect(describeProblem('denied', undefined)).toBe('The identity provider did not let you through.')
    for (const junk of ['toString', '__proto__', 'Your account is blocked, call us', ['denied'], undefined]) {
      expect(describeProblem(junk, 'Okta')).toBe('')
    }
  })
})
