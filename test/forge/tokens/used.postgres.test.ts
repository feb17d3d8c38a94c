import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { usedCases } from './used.cases.ts'

describe.runIf(hasPostgres)('what a token was used for on PostgreSQL', () => usedCases('postgres'))
