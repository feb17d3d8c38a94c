import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from '../housekeeping/databases.ts'
import { endsCases } from './ends.cases.ts'

describe.runIf(hasPostgres)('the end of a token by time, on PostgreSQL', () => endsCases(openSharedPostgres))
