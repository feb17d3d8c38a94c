import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { raceCases } from './races.cases.ts'

describe.runIf(hasPostgres)('a forge on PostgreSQL', () => raceCases('postgres'))
