import { describe } from 'vitest'

import { scimCases } from './scim.cases.ts'
import { signOnCases } from './sign-on.cases.ts'

describe('SCIM on SQLite', () => scimCases('sqlite'))
describe('SCIM and sign-on on SQLite', () => signOnCases('sqlite'))
