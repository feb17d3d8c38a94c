import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from '../housekeeping/databases.ts'
import { inboxCases } from './inbox.cases.ts'

describe.runIf(hasPostgres)('reports that wait, on PostgreSQL', () => inboxCases(openSharedPostgres))
