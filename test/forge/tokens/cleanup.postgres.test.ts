import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { cleanupCases } from './cleanup.cases.ts'

describe.runIf(hasPostgres)('cleaning up on PostgreSQL', () => cleanupCases('postgres'))
