import { describe } from 'vitest'

import { openSharedSqlite } from './databases.ts'
import { housekeeperCases } from './housekeeper.cases.ts'

describe('startHousekeeper on SQLite', () => housekeeperCases(openSharedSqlite))
