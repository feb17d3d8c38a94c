import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { registryCases } from './registry.cases.ts'
import { ruleCases } from './rules.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  describe('the registry of tools', () => registryCases('postgres'))
  describe('the rules about tools', () => ruleCases('postgres'))
})
