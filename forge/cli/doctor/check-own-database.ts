import { existsSync } from 'node:fs'

import type { SidecarConfig } from '../../flowfuse/config.ts'
import { ConfigError } from '../../host/config-error.ts'
import { withReadOnlyDatabase } from '../read-only-database.ts'
import { hint, ok, wrong, type Finding } from '../finding.ts'

/** Whether the database in which tokens are kept can be opened. Makes none. */
export async function checkOwnDatabase({ databaseUrl }: Pick<SidecarConfig, 'databaseUrl'>): Promise<Finding> {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1]
  if (file !== undefined && !existsSync(file)) {
    return hint(
      `Our own database, the file ${file}, does not exist.`,
      'forge-pat serve makes it at its first start. If it has been started, DATABASE_URL is another one there.',
    )
  }
  try {
    return await withReadOnlyDatabase(databaseUrl, async () => ok('Our own database can be opened.'))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return wrong(error.message, 'Check its address, name and password, and that it may be reached from here.')
  }
}
