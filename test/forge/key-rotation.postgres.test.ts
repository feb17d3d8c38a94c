import { describe } from 'vitest'

import { hasPostgres } from '../support/postgres.ts'
import { describeKeyRotation } from './key-rotation.cases.ts'

describe.runIf(hasPostgres)('on PostgreSQL', () => describeKeyRotation('postgres'))
