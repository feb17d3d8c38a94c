import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { ruleCases } from './rules.cases.ts'

describe.runIf(hasPostgres)('the rules about tools on PostgreSQL', () => ruleCases('postgres'))
