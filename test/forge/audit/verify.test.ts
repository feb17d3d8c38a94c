import { describe } from 'vitest'

import { verifyCases } from './verify.cases.ts'

describe('verifyAudit on SQLite', () => verifyCases('sqlite'))
