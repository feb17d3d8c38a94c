import type { Sequelize } from 'sequelize'

import { findColumnProblems, stateOfColumn } from '../../flowfuse/columns.ts'
import type { SidecarConfig } from '../../flowfuse/config.ts'
import { findPlatformId } from '../../flowfuse/ids.ts'
import { openFlowFuseDatabase } from '../../flowfuse/open-database.ts'
import { ConfigError } from '../../host/config-error.ts'
import { placesFor, selectRows, type RawBoolean, type RawTime } from '../../sql/rows.ts'
import { toEpochMs } from '../../sql/time.ts'
import { hint, ok, wrong, type Finding } from '../finding.ts'
import { checkClock } from './check-clock.ts'

const ROLE = 'Let the owner of its tables run docs/admin/flowfuse-role.sql again.'

/** What a role for us has no business with: whoever has it can become anybody. */
const SECRETS = [
  { table: 'Users', column: 'password', what: 'passwords' },
  { table: 'Sessions', column: 'sid', what: 'sessions' },
  { table: 'AccessTokens', column: 'token', what: 'tokens' },
  { table: 'PlatformSettings', column: 'value', what: 'platform settings' },
] as const

/** Other tables of the same schema may be ours. */
const FLOWFUSES = ['Users', 'Teams', 'TeamMembers', 'Applications', 'Projects', 'Sessions', 'AccessTokens'] as const

/** Whether FlowFuse's database is what we need of it, and lets us read that and no more. @param now epoch ms */
export async function checkDatabase(config: SidecarConfig, now: () => number): Promise<Finding[]> {
  let db: Sequelize
  try {
    db = await openFlowFuseDatabase(config.flowfuseDatabaseUrl)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [wrong(error.message, 'Check its address, name and password, and that it may be reached from here.')]
  }
  try {
    return await examine(db, config, now)
  } finally {
    await db.close()
  }
}

async function examine(db: Sequelize, { flowfuseInstanceId }: SidecarConfig, now: () => number): Promise<Finding[]> {
  const onServer = db.getDialect() === 'postgres'
  return [
    ok('The database of FlowFuse can be reached.'),
    ...(await checkColumns(db)),
    ...(await checkId(db, flowfuseInstanceId)),
    ...(onServer ? await checkRights(db) : [FILE_RIGHTS]),
    ...(onServer ? await checkDatabaseClock(db, now) : []),
    ok('Changes in FlowFuse count with the next question: no trigger in its database and no polling is needed.'),
  ]
}

const FILE_RIGHTS = ok('A SQLite file knows no rights; forge-pat opens it for reading alone.')

async function checkColumns(db: Sequelize): Promise<Finding[]> {
  const problems = await findColumnProblems(db)
  if (problems.length === 0) return [ok('All columns that are needed can be read.'), ...(await describeVersion(db))]

  return problems.map(({ table, column, state }) =>
    state === 'denied'
      ? wrong(`The column "${table}"."${column}" may not be read.`, ROLE)
      : wrong(
          `The column "${table}"."${column}" does not exist.`,
          'Is FLOWFUSE_DATABASE the database of a FlowFuse that has been started? Version 2.4 and newer are known.',
        ),
  )
}

/** FlowFuse is known by what it has, never by its number. */
async function describeVersion(db: Sequelize): Promise<Finding[]> {
  const has = async (table: string, column: string) => (await stateOfColumn(db, table, column)) === 'there'
  const overrides = (await has('TeamMembers', 'permissions')) ? 'has' : 'does not have'
  const suspension = (await has('Teams', 'suspended')) ? 'has' : 'does not have'
  return [ok(`This FlowFuse ${overrides} roles per application, and ${suspension} suspended teams.`)]
}

async function checkId(db: Sequelize, configured: string | null): Promise<Finding[]> {
  const read = await findPlatformId(db).catch(() => null)
  const known = configured ?? read
  if (known === null) {
    return [
      wrong(
        'FLOWFUSE_INSTANCE_ID is missing, and the database does not let us read it.',
        `Set it to what its owner is told by SELECT value FROM "PlatformSettings" WHERE key = 'instanceId'.`,
      ),
    ]
  }
  if (read !== null && read !== known) {
    return [wrong('FLOWFUSE_INSTANCE_ID is of another FlowFuse.', 'Correct it, or leave it out: the database has it.')]
  }
  return [ok('The id of this FlowFuse is known.')]
}

async function checkRights(db: Sequelize): Promise<Finding[]> {
  const tooMuch = [...(await findReadableSecrets(db)), ...(await findWritableTables(db))]
  return tooMuch.length > 0 ? tooMuch : [ok('The role reads what is needed and nothing that is secret.')]
}

async function findReadableSecrets(db: Sequelize): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { table, column, what } of SECRETS) {
    if ((await stateOfColumn(db, table, column)) !== 'there') continue
    findings.push(
      hint(
        `The database lets forge-pat read more than it needs: ${what} ("${table}"."${column}").`,
        'Use the role of docs/admin/flowfuse-role.sql: a leak of forge-pat should not be one of FlowFuse.',
      ),
    )
  }
  return findings
}

async function findWritableTables(db: Sequelize): Promise<Finding[]> {
  const [row] = await selectRows<{ writes: RawBoolean | null }>(
    db,
    `SELECT bool_or(has_table_privilege(c.oid, 'INSERT') OR has_table_privilege(c.oid, 'UPDATE')
       OR has_table_privilege(c.oid, 'DELETE')) AS "writes"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname = current_schema() AND c.relname IN (${placesFor(FLOWFUSES)})`,
    [...FLOWFUSES],
  )
  if (!row?.writes) return []
  return [
    hint(
      'The role may write to tables of FlowFuse. forge-pat never does.',
      'Use the role of docs/admin/flowfuse-role.sql.',
    ),
  ]
}

async function checkDatabaseClock(db: Sequelize, now: () => number): Promise<Finding[]> {
  const [row] = await selectRows<{ now: RawTime }>(db, 'SELECT now() AS "now"', [])
  return row ? [checkClock('the database of FlowFuse', toEpochMs(row.now), now())] : []
}
