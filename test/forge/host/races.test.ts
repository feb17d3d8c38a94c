import { describe } from 'vitest'

import { raceCases } from './races.cases.ts'

describe('a forge on SQLite', () => raceCases('sqlite'))
