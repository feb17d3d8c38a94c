import { describe } from 'vitest'

import { hasSlapd } from '../../../../support/sso/slapd.ts'
import { checkCases } from './check.cases.ts'

describe.runIf(hasSlapd)('on SQLite', () => checkCases('sqlite'))
