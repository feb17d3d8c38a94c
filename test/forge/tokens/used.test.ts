import { describe } from 'vitest'

import { usedCases } from './used.cases.ts'

describe('what a token was used for', () => usedCases('sqlite'))
