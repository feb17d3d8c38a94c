import { describe } from 'vitest'

import { describeDeviceGrant } from './device-grant.cases.ts'

describe('the device grant on SQLite', () => describeDeviceGrant('sqlite'))
