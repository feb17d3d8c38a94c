import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { callCases } from './calls.cases.ts'
import { registryCases } from './registry.cases.ts'
import { ruleCases } from './rules.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  describe('the log of calls', () => callCases('postgres'))
  describe('the registry of tools', () => registryCases('postgres'))
  describe('the rules about tools', () => ruleCases('postgres'))
})
