import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { describeExchange } from './exchange.cases.ts'

describe.runIf(hasPostgres)('token exchange on PostgreSQL', () => describeExchange('postgres'))
