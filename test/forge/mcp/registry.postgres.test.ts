import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { registryCases } from './registry.cases.ts'

describe.runIf(hasPostgres)('the registry of tools on PostgreSQL', () => registryCases('postgres'))
