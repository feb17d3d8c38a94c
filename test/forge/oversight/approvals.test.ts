import { describe } from 'vitest'

import { approvalCases } from './approvals.cases.ts'

describe('approvals', () => approvalCases('sqlite'))
