import { describe } from 'vitest'

import { hasPostgres } from '../../../../support/postgres.ts'
import { hasSlapd } from '../../../../support/sso/slapd.ts'
import { checkCases } from './check.cases.ts'

describe.runIf(hasPostgres && hasSlapd)('on PostgreSQL', () => checkCases('postgres'))
