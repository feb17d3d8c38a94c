import { describe } from 'vitest'

import { hasPostgres } from '../../../../support/postgres.ts'
import { scimCases } from './scim.cases.ts'
import { signOnCases } from './sign-on.cases.ts'

describe.runIf(hasPostgres)('SCIM on PostgreSQL', () => scimCases('postgres'))
describe.runIf(hasPostgres)('SCIM and sign-on on PostgreSQL', () => signOnCases('postgres'))
