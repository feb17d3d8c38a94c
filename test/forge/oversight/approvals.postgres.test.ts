import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { approvalCases } from './approvals.cases.ts'

describe.runIf(hasPostgres)('approvals on PostgreSQL', () => approvalCases('postgres'))
