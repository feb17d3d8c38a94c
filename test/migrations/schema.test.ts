import { describe } from 'vitest'

import { schemaCases } from './schema.cases.ts'

describe('the schema on SQLite', () => schemaCases('sqlite'))
