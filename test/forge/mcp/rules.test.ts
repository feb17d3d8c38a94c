import { describe } from 'vitest'

import { ruleCases } from './rules.cases.ts'

describe('the rules about tools', () => ruleCases('sqlite'))
