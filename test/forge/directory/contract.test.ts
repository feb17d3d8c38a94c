import { describe } from 'vitest'

import { directoryContract } from './contract.cases.ts'
import { flowFuse, NEW_FLOWFUSE, OLD_FLOWFUSE, OWN_HOST, ownHost } from './worlds.ts'

describe('the directory of our own host, on SQLite', () => directoryContract(() => ownHost('sqlite'), OWN_HOST))
describe('the directory of a FlowFuse as of 2.4, on SQLite', () =>
  directoryContract(() => flowFuse('old', 'sqlite'), OLD_FLOWFUSE))
describe('the directory of a newer FlowFuse, on SQLite', () =>
  directoryContract(() => flowFuse('new', 'sqlite'), NEW_FLOWFUSE))
