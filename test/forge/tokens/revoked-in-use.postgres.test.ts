import { onPostgres } from '../../support/on-postgres.ts'

onPostgres(() => import('./revoked-in-use.test.ts'))
