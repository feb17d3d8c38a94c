import { describe } from 'vitest'

import { openSharedSqlite } from './databases.ts'
import { leaseCases } from './lease.cases.ts'

describe('withLease on SQLite', () => leaseCases(openSharedSqlite))
