import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { cleanupCases } from '../tokens/cleanup.cases.ts'
import { slipCases } from '../tokens/slips.cases.ts'
import { approvalCases } from './approvals.cases.ts'
import { cutCases } from './cut-token.cases.ts'
import { inventoryCases } from './inventory.cases.ts'
import { policyCases } from './policy.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  describe('the policy of a team', () => policyCases('postgres'))
  describe('the inventory of an owner', () => inventoryCases('postgres'))
  describe('what an owner ends', () => cutCases('postgres'))
  describe('approvals', () => approvalCases('postgres'))
  describe('cleaning up', () => cleanupCases('postgres'))
  describe('what comes in place of a first call', () => slipCases('postgres'))
})
