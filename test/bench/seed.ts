/** Fills a database with as many tokens as are wanted, by statements that the database carries out by itself. */
import argon2 from 'argon2'
import { createHmac } from 'node:crypto'
import type { Sequelize } from 'sequelize'

import { formatToken } from '../../forge/contract/token-format.ts'
import { withoutLimits } from '../../forge/host/postgres.ts'
import { createSecretKeys } from '../../forge/keys.ts'
import { createSecretGuard } from '../../forge/tokens/secret.ts'

export const SECRET_KEY = Buffer.alloc(32, 9).toString('base64')
const keys = createSecretKeys(SECRET_KEY)

/** All tokens have it: what is stored of a secret does not depend on the selector. */
const SECRET = 'B3nch'.repeat(8) + 'abc'
/** One of so many has a hash as tokens really have it. To prove the others costs next to nothing, and warms up fast. */
const REAL_EVERY = 10
const TEAMS = 10
const TOKENS_OF_A_PERSON = 50

export interface SeedOptions {
  tokens: number
  /** Their number; each person is in one of ten teams. As many as it takes for fifty tokens each unless said otherwise. */
  people?: number
  instancesOfTeam?: number
}

/** How a seeded forge is asked: everything follows from a number. */
export const seeded = {
  teams: TEAMS,
  isRealHash: (n: number) => n % REAL_EVERY === REAL_EVERY - 1,
  selector: selectorOf,
  token: (n: number) => formatToken({ selector: selectorOf(n), secret: SECRET }),
  tokenId: (n: number) => idOf('token', n),
  userId: (n: number) => idOf('user', n),
  teamId: (n: number) => idOf('team', n),
  /** Of the team's first instance. */
  instanceId: (n: number) => idOf('instance', n),
  /** What instance `n` presents; instance `n` is in team `n % 10`. */
  credential: (n: number) => `fft_${'bench'.repeat(8)}${String(n).padStart(6, '0')}`,
}

/** Scatters numbers below 2^32, each to another, so that neighbours are far from each other in every index. */
const scatter = (n: number) => ((n * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')

function selectorOf(n: number): string {
  return `0000${scatter(n)}`
}

type Kind = keyof typeof MARKS
const MARKS = { user: 'a', team: 'b', application: 'c', instance: 'd', token: 'e' } as const

const idOf = (kind: Kind, n: number) => `${scatter(n)}-0000-4000-8${MARKS[kind].repeat(3)}-000000000000`

/** The same in SQL; a run would find no token were they not the same. @param n an expression */
function sqlOf(db: Sequelize) {
  const hex = (n: string) => {
    const scattered = `(${n} * 2654435761) % 4294967296`
    return db.getDialect() === 'sqlite' ? `printf('%08x', ${scattered})` : `lpad(to_hex(${scattered}), 8, '0')`
  }
  return {
    selector: (n: string) => `'0000' || ${hex(n)}`,
    id: (kind: Kind, n: string) => `${hex(n)} || '-0000-4000-8${MARKS[kind].repeat(3)}-000000000000'`,
  }
}

/** @returns how long it took, in seconds */
export async function seed(db: Sequelize, { tokens, people, instancesOfTeam = 1 }: SeedOptions): Promise<number> {
  const startedAt = performance.now()
  const users = people ?? Math.max(2 * TEAMS, Math.ceil(tokens / TOKENS_OF_A_PERSON / TEAMS) * TEAMS)
  await withoutWatching(db, async (run) => {
    await addHost(db, run, { users, instances: TEAMS * instancesOfTeam })
    await addTokens(db, run, { users, tokens })
  })
  await db.query(db.getDialect() === 'sqlite' ? 'ANALYZE' : 'VACUUM ANALYZE')
  return (performance.now() - startedAt) / 1000
}

type Run = (insert: string, count: number, select: string, bind?: unknown[]) => Promise<unknown>

/**
 * A million rows would be a million notifications that nobody is there to hear. On SQLite they are rows, which are
 * taken away again.
 */
async function withoutWatching(db: Sequelize, work: (run: Run) => Promise<void>): Promise<void> {
  const sqlite = db.getDialect() === 'sqlite'
  const numbers = sqlite
    ? 'WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < $1)'
    : 'WITH s AS (SELECT n FROM generate_series(0, $1::bigint - 1) AS n)'

  await db.transaction(async (transaction) => {
    if (!sqlite) await db.query('SET LOCAL session_replication_role = replica', { transaction })
    const run: Run = async (insert, count, select, bind = []) => {
      const sql = sqlite ? `INSERT INTO ${insert} ${numbers} ${select}` : `${numbers} INSERT INTO ${insert} ${select}`
      await db.query(sql, { bind: [count, ...bind], transaction })
    }
    // A million rows take longer than a statement of a request may.
    await (sqlite ? work(run) : withoutLimits(transaction, () => work(run)))
    if (sqlite) await db.query('DELETE FROM pat_changes', { transaction })
  })
}

async function addHost(db: Sequelize, run: Run, counts: { users: number; instances: number }): Promise<void> {
  const { id } = sqlOf(db)
  const now = db.getDialect() === 'sqlite' ? "strftime('%Y-%m-%d %H:%M:%f +00:00', 'now')" : 'now()'
  const team = `n % ${TEAMS}`

  await run(
    'users (id, username, name, email, password_hash, created_at, updated_at)',
    counts.users,
    `SELECT ${id('user', 'n')}, 'person' || n, 'Person ' || n, 'person' || n || '@example.com', 'none', ${now}, ${now} FROM s`,
  )
  await run(
    'teams (id, name, slug, created_at, updated_at)',
    TEAMS,
    `SELECT ${id('team', 'n')}, 'Team ' || n, 'team-' || n, ${now}, ${now} FROM s`,
  )
  await run(
    'team_members (team_id, user_id, role_level, created_at, updated_at)',
    counts.users,
    `SELECT ${id('team', team)}, ${id('user', 'n')}, CASE WHEN n < ${TEAMS} THEN 50 ELSE 30 END, ${now}, ${now} FROM s`,
  )
  await run(
    'applications (id, team_id, name, created_at, updated_at)',
    TEAMS,
    `SELECT ${id('application', 'n')}, ${id('team', 'n')}, 'Application ' || n, ${now}, ${now} FROM s`,
  )
  await run(
    'instances (id, application_id, name, url, created_at, updated_at)',
    counts.instances,
    `SELECT ${id('instance', 'n')}, ${id('application', team)}, 'instance-' || n,
            'https://instance-' || n || '.example.com', ${now}, ${now} FROM s`,
  )
  await addCredentials(db, run, counts.instances, now)
}

/** Of a credential a keyed hash is stored, which no database can make. */
async function addCredentials(db: Sequelize, run: Run, instances: number, now: string): Promise<void> {
  const key = keys.derive('instance credential')
  for (let n = 0; n < instances; n++) {
    const hash = createHmac('sha256', key).update(seeded.credential(n)).digest('hex')
    await run(
      'instance_credentials (instance_id, secret_hash, key_id, created_at)',
      1,
      `SELECT $2, $3, $4, ${now} FROM s`,
      [seeded.instanceId(n), hash, keys.id],
    )
  }
}

async function addTokens(db: Sequelize, run: Run, { users, tokens }: { users: number; tokens: number }): Promise<void> {
  const { id, selector } = sqlOf(db)
  const sqlite = db.getDialect() === 'sqlite'
  const [target, yes] = [id('instance', `n % ${TEAMS}`), sqlite ? 'n < 0 OR 1' : 'true']
  const daysFromNow = (days: string) =>
    sqlite
      ? `strftime('%Y-%m-%d %H:%M:%f +00:00', 'now', (${days}) || ' days')`
      : `now() + (${days}) * interval '1 day'`
  const { secretHash, prefilter, keyId } = await createSecretGuard(keys).protect(SECRET)
  const quick = {
    type: argon2.argon2id,
    memoryCost: 8,
    timeCost: 1,
    parallelism: 1,
    secret: keys.derive('token pepper'),
  }

  await run(
    `pat_tokens (id, selector, secret_hash, prefilter, key_id, user_id, team_id, widest_grant, name, description, role_level, read_only,
                 family_id, expires_at, created_at, updated_at)`,
    tokens,
    `SELECT ${id('token', 'n')}, ${selector('n')},
            CASE WHEN n % ${REAL_EVERY} = ${REAL_EVERY - 1} THEN $2 ELSE $3 END, $4, $5,
            ${id('user', `n % ${users}`)}, ${id('team', `n % ${TEAMS}`)}, 'instance ' || ${target}, 'token ' || n || ' of a laptop',
            'For the client at home.', 30, ${sqlite ? 'n % 2' : 'n % 2 = 1'}, ${id('token', 'n')},
            ${daysFromNow('30')}, ${daysFromNow('-(n % 60)')}, ${daysFromNow('-(n % 60)')} FROM s`,
    [secretHash, await argon2.hash(SECRET, quick), prefilter, keyId],
  )
  await run(
    'pat_token_grants (token_id, type, target_id, in_one_team, widest)',
    tokens,
    `SELECT ${id('token', 'n')}, 'instance', ${target}, ${yes}, ${yes} FROM s`,
  )
}
