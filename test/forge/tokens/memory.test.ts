import { describe } from 'vitest'

import { memoryCases } from './memory.cases.ts'

describe('facts in memory, on SQLite,', () => memoryCases('sqlite'))
