import { describe } from 'vitest'

import { eventCases } from './events.cases.ts'

describe('on SQLite', () => eventCases('sqlite'))
