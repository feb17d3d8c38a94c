import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from './databases.ts'
import { leaseCases } from './lease.cases.ts'

describe.runIf(hasPostgres)('withLease on PostgreSQL', () => leaseCases(openSharedPostgres))
