import { describe } from 'vitest'

import { columnCases } from './columns.cases.ts'

describe('the columns of a FlowFuse on SQLite', () => columnCases('sqlite'))
