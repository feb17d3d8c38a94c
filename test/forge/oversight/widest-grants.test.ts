import { describe } from 'vitest'

import { widestGrantCases } from './widest-grants.cases.ts'

describe('which tokens reach an instance', () => widestGrantCases('sqlite'))
