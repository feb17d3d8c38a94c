import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from '../housekeeping/databases.ts'
import { outboxCases } from './outbox.cases.ts'

describe.runIf(hasPostgres)('outboxTask on PostgreSQL', () => outboxCases(openSharedPostgres))
