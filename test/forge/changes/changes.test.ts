import { describe } from 'vitest'

import { changeCases } from './changes.cases.ts'

describe('on SQLite', () => changeCases('sqlite'))
