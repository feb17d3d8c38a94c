import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { memoryCases } from './memory.cases.ts'

describe.runIf(hasPostgres)('facts in memory, on PostgreSQL,', () => memoryCases('postgres'))
