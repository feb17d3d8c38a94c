import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { eventCases } from './events.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => eventCases('postgres'))
