import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { changeCases } from './changes.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => changeCases('postgres'))
