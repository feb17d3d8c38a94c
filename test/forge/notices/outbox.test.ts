import { describe } from 'vitest'

import { openSharedSqlite } from '../housekeeping/databases.ts'
import { outboxCases } from './outbox.cases.ts'

describe('outboxTask on SQLite', () => outboxCases(openSharedSqlite))
