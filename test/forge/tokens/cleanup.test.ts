import { describe } from 'vitest'

import { cleanupCases } from './cleanup.cases.ts'

describe('cleaning up', () => cleanupCases('sqlite'))
