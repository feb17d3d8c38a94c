import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from './databases.ts'
import { housekeeperCases } from './housekeeper.cases.ts'

describe.runIf(hasPostgres)('startHousekeeper on PostgreSQL', () => housekeeperCases(openSharedPostgres))
