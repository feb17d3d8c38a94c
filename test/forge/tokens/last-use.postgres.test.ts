import { onPostgres } from '../../support/on-postgres.ts'

onPostgres(() => import('./last-use.test.ts'))
