import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { openSharedPostgres } from './databases.ts'
import { tombstoneCases } from './tombstones.cases.ts'

describe.runIf(hasPostgres)('tombstoneTask on PostgreSQL', () => tombstoneCases(openSharedPostgres))
