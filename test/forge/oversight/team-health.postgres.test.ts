import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { teamHealthCases } from './team-health.cases.ts'

describe.runIf(hasPostgres)('the health of a team on PostgreSQL', () => teamHealthCases('postgres'))
