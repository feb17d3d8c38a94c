import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { statementCases } from './statements.cases.ts'

describe.runIf(hasPostgres)('statements behind an introspection, on PostgreSQL,', () => statementCases('postgres'))
