import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { widestGrantCases } from './widest-grants.cases.ts'

describe.runIf(hasPostgres)('which tokens reach an instance on PostgreSQL', () => widestGrantCases('postgres'))
