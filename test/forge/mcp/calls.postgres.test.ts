import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { callCases } from './calls.cases.ts'

describe.runIf(hasPostgres)('the log of calls on PostgreSQL', () => callCases('postgres'))
