import { describe } from 'vitest'

import { hasPostgres } from '../../../../support/postgres.ts'
import { endToEndCases } from './end-to-end.cases.ts'

describe('SCIM and a tool call on SQLite', () => endToEndCases('sqlite'))
describe.runIf(hasPostgres)('SCIM and a tool call on PostgreSQL', () => endToEndCases('postgres'))
