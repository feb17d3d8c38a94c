import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { routeCases } from './routes.cases.ts'

describe.runIf(hasPostgres)('audit routes on PostgreSQL', () => routeCases('postgres'))
