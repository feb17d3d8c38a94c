import { onPostgres } from '../../support/on-postgres.ts'

onPostgres(() => import('./token-life.test.ts'))
