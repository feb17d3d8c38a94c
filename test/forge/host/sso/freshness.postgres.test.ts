import { describe } from 'vitest'

import { hasPostgres } from '../../../support/postgres.ts'
import { freshnessCases } from './freshness.cases.ts'

describe.runIf(hasPostgres)('single sign-on on PostgreSQL', () => freshnessCases('postgres'))
