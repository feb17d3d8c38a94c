import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { readOnlyDatabaseCases } from './read-only-database.cases.ts'

describe.runIf(hasPostgres)('withReadOnlyDatabase on PostgreSQL', () => readOnlyDatabaseCases('postgres'))
