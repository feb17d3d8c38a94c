import { describe } from 'vitest'

import { cutCases } from './cut-token.cases.ts'

describe('what an owner ends', () => cutCases('sqlite'))
