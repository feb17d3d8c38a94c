import { describe } from 'vitest'

import { teamHealthCases } from './team-health.cases.ts'

describe('the health of a team', () => teamHealthCases('sqlite'))
