import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from '../housekeeping/databases.ts'
import { expiryDigestCases } from './expiry-digest.cases.ts'

describe.runIf(hasPostgres)('expiryDigestTask on PostgreSQL', () => expiryDigestCases(openSharedPostgres))
