import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { verifyCases } from './verify.cases.ts'

describe.runIf(hasPostgres)('verifyAudit on PostgreSQL', () => verifyCases('postgres'))
