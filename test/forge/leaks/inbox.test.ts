import { describe } from 'vitest'

import { openSharedSqlite } from '../housekeeping/databases.ts'
import { inboxCases } from './inbox.cases.ts'

describe('reports that wait', () => inboxCases(openSharedSqlite))
