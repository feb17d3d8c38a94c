import { describe } from 'vitest'

import { readOnlyDatabaseCases } from './read-only-database.cases.ts'

describe('withReadOnlyDatabase on SQLite', () => readOnlyDatabaseCases('sqlite'))
