import { describe } from 'vitest'

import { openSharedSqlite } from '../housekeeping/databases.ts'
import { endsCases } from './ends.cases.ts'

describe('the end of a token by time', () => endsCases(openSharedSqlite))
