import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { directoryContract } from './contract.cases.ts'
import { flowFuse, NEW_FLOWFUSE, OLD_FLOWFUSE, OWN_HOST, ownHost } from './worlds.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  describe('the directory of our own host', () => directoryContract(() => ownHost('postgres'), OWN_HOST))
  describe('the directory of a FlowFuse as of 2.4', () =>
    directoryContract(() => flowFuse('old', 'postgres'), OLD_FLOWFUSE))
  describe('the directory of a newer FlowFuse', () =>
    directoryContract(() => flowFuse('new', 'postgres'), NEW_FLOWFUSE))
})
