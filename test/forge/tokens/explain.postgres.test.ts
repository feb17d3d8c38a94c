import { onPostgres } from '../../support/on-postgres.ts'

onPostgres(() => import('./explain.test.ts'))
