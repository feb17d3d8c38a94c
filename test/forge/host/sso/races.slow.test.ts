import { describe } from 'vitest'

import { hasPostgres } from '../../../support/postgres.ts'
import { ssoRaceCases } from './races.cases.ts'

describe.runIf(hasPostgres)('single sign-on at the same moment, on PostgreSQL', () => ssoRaceCases('postgres'))
