import { existsSync } from 'node:fs'

import type { Sequelize } from 'sequelize'

import { stateOfColumn } from '../../flowfuse/columns.ts'
import type { SidecarConfig } from '../../flowfuse/config.ts'
import { ConfigError } from '../../host/config-error.ts'
import { countListening } from '../../instances/roster.ts'
import { withReadOnlyDatabase } from '../read-only-database.ts'
import { hint, ok, wrong, type Finding } from '../finding.ts'

/** Whether the database in which tokens are kept can be opened, and who has found the forge on it. Makes none. */
export async function checkOwnDatabase({ databaseUrl }: Pick<SidecarConfig, 'databaseUrl'>): Promise<Finding[]> {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1]
  if (file !== undefined && !existsSync(file)) {
    return [
      hint(
        `Our own database, the file ${file}, does not exist.`,
        'forge-pat serve makes it at its first start. If it has been started, DATABASE_URL is another one there.',
      ),
    ]
  }
  try {
    return await withReadOnlyDatabase(databaseUrl, async (db) => [
      ok('Our own database can be opened.'),
      ...(await checkInstances(db)),
    ])
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [wrong(error.message, 'Check its address, name and password, and that it may be reached from here.')]
  }
}

/** Whether the stack has our package, as far as can be told from here: an instance with it listens as long as it runs. */
async function checkInstances(db: Sequelize): Promise<Finding[]> {
  if ((await stateOfColumn(db, 'pat_listeners', 'instance_id')) !== 'there') return []

  const listening = await countListening(db)
  if (listening > 0) return [ok(`Instances that listen to forge-pat now: ${listening}.`)]
  return [
    hint(
      'No instance listens to forge-pat now.',
      'If one runs that should, is forge-pat in its stack? Its log says at the start whether the guard is in front.',
    ),
  ]
}
