import { describe } from 'vitest'

import { inventoryCases } from './inventory.cases.ts'

describe('the inventory of an owner', () => inventoryCases('sqlite'))
