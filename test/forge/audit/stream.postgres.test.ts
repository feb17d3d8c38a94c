import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { streamCases } from './stream.cases.ts'

describe.runIf(hasPostgres)('streamNewEntries on PostgreSQL', () => streamCases('postgres'))
