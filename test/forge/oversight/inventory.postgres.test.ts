import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { inventoryCases } from './inventory.cases.ts'

describe.runIf(hasPostgres)('the inventory of an owner on PostgreSQL', () => inventoryCases('postgres'))
