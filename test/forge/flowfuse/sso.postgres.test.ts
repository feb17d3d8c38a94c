import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { lastSignInCases } from './sso.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => lastSignInCases('postgres'))
