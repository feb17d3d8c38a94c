import { describe } from 'vitest'

import { describeExchange } from './exchange.cases.ts'

describe('token exchange on SQLite', () => describeExchange('sqlite'))
