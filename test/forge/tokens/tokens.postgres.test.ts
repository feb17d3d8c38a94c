import { onPostgres } from '../../support/on-postgres.ts'

onPostgres(() => import('./tokens.test.ts'))
