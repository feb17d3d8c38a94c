import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'
import { describeDeviceGrant } from './device-grant.cases.ts'

describe.runIf(hasPostgres)('the device grant on PostgreSQL', () => describeDeviceGrant('postgres'))
