import { describe } from 'vitest'

import { streamCases } from './stream.cases.ts'

describe('streamNewEntries on SQLite', () => streamCases('sqlite'))
