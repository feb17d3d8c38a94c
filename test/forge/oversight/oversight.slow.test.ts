import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { cleanupCases } from '../tokens/cleanup.cases.ts'
import { slipCases } from '../tokens/slips.cases.ts'
import { usedCases } from '../tokens/used.cases.ts'
import { approvalCases } from './approvals.cases.ts'
import { cutCases } from './cut-token.cases.ts'
import { inventoryCases } from './inventory.cases.ts'
import { policyCases } from './policy.cases.ts'
import { teamHealthCases } from './team-health.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  describe('the policy of a team', () => policyCases('postgres'))
  describe('the inventory of an owner', () => inventoryCases('postgres'))
  describe('what an owner ends', () => cutCases('postgres'))
  describe('approvals', () => approvalCases('postgres'))
  describe('cleaning up', () => cleanupCases('postgres'))
  describe('what comes in place of a first call', () => slipCases('postgres'))
  describe('what a token was used for', () => usedCases('postgres'))
  describe('the health of a team', () => teamHealthCases('postgres'))
})
