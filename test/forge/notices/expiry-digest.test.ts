import { describe } from 'vitest'

import { openSharedSqlite } from '../housekeeping/databases.ts'
import { expiryDigestCases } from './expiry-digest.cases.ts'

describe('expiryDigestTask on SQLite', () => expiryDigestCases(openSharedSqlite))
