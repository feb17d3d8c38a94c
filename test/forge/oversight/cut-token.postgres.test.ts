import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { cutCases } from './cut-token.cases.ts'

describe.runIf(hasPostgres)('what an owner ends on PostgreSQL', () => cutCases('postgres'))
