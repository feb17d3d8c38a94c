import { describe } from 'vitest'

import { freshnessCases } from './freshness.cases.ts'

describe('single sign-on on SQLite', () => freshnessCases('sqlite'))
