import { describe } from 'vitest'

import { registryCases } from './registry.cases.ts'

describe('the registry of tools', () => registryCases('sqlite'))
