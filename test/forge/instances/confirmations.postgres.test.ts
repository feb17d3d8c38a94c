import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { confirmationCases } from './confirmations.cases.ts'

describe.runIf(hasPostgres)('confirmations on PostgreSQL', () => confirmationCases('postgres'))
