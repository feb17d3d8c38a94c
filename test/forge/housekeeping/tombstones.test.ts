import { describe } from 'vitest'

import { openSharedSqlite } from './databases.ts'
import { tombstoneCases } from './tombstones.cases.ts'

describe('tombstoneTask on SQLite', () => tombstoneCases(openSharedSqlite))
