import { describe } from 'vitest'

import { routeCases } from './routes.cases.ts'

describe('audit routes on SQLite', () => routeCases('sqlite'))
