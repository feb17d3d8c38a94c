import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { policyCases } from './policy.cases.ts'

describe.runIf(hasPostgres)('the policy of a team on PostgreSQL', () => policyCases('postgres'))
