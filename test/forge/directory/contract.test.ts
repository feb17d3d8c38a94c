import { describe } from 'vitest'

import { directoryContract } from './contract.cases.ts'
import { EVERYTHING, flowFuse, OLD_FLOWFUSE, ownHost } from './worlds.ts'

describe('the directory of our own host, on SQLite', () => directoryContract(() => ownHost('sqlite'), EVERYTHING))
describe('the directory of a FlowFuse as of 2.4, on SQLite', () =>
  directoryContract(() => flowFuse('old', 'sqlite'), OLD_FLOWFUSE))
describe('the directory of a newer FlowFuse, on SQLite', () =>
  directoryContract(() => flowFuse('new', 'sqlite'), EVERYTHING))
