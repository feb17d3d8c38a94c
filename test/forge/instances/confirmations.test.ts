import { describe } from 'vitest'

import { confirmationCases } from './confirmations.cases.ts'

describe('confirmations on SQLite', () => confirmationCases('sqlite'))
