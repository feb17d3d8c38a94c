import { describe } from 'vitest'

import { newMappingCases } from './new-mapping.cases.ts'

describe('a change of groups and teams, on SQLite', () => newMappingCases('sqlite'))
