import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { aptInstall, runs } from './apt.mjs'

const DEBIAN = '/usr/lib/postgresql'

/** The folder of PostgreSQL's programs (`initdb`, `postgres`), newest version first; null without one. */
export function findPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  return folders.find((folder) => runs(join(folder, 'initdb'), ['--version'])) ?? null
}

/**
 * Makes sure that the tests find a PostgreSQL: FORGE_TEST_PG_URL, else programs that are here, else Debian's package.
 * @returns a sentence about what the tests will use
 * @throws {Error} that says what to do
 */
export function ensurePostgres() {
  if (process.env.FORGE_TEST_PG_URL) return 'The tests use the server of FORGE_TEST_PG_URL.'

  const folder = findPostgres() ?? (aptInstall('postgresql') ? findPostgres() : null)
  if (folder) return `The tests start servers of their own from ${folder}.`

  throw new Error(
    'The tests need PostgreSQL and found none. Install its server programs (Debian: apt-get install postgresql), ' +
      'or set FORGE_TEST_PG_URL to the address of a server where databases may be created.',
  )
}
