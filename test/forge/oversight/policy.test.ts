import { describe } from 'vitest'

import { policyCases } from './policy.cases.ts'

describe('the policy of a team', () => policyCases('sqlite'))
