import { describe } from 'vitest'

import { statementCases } from './statements.cases.ts'

describe('statements behind an introspection, on SQLite,', () => statementCases('sqlite'))
