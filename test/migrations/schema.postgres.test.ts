import { describe } from 'vitest'

import { hasPostgres } from '../support/postgres.ts'
import { schemaCases } from './schema.cases.ts'

describe.runIf(hasPostgres)('the schema on PostgreSQL', () => schemaCases('postgres'))
