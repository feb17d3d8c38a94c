import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { slipCases } from './slips.cases.ts'

describe.runIf(hasPostgres)('what comes in place of a first call on PostgreSQL', () => slipCases('postgres'))
