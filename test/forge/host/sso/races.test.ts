import { describe } from 'vitest'

import { ssoRaceCases } from './races.cases.ts'

describe('single sign-on at the same moment, on SQLite', () => ssoRaceCases('sqlite'))
