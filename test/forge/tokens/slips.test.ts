import { describe } from 'vitest'

import { slipCases } from './slips.cases.ts'

describe('what comes in place of a first call', () => slipCases('sqlite'))
