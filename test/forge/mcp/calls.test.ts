import { describe } from 'vitest'

import { callCases } from './calls.cases.ts'

describe('the log of calls', () => callCases('sqlite'))
