import { describe } from 'vitest'

import { hasPostgres } from '../../../support/postgres.ts'
import { newMappingCases } from './new-mapping.cases.ts'

describe.runIf(hasPostgres)('a change of groups and teams, on PostgreSQL', () => newMappingCases('postgres'))
