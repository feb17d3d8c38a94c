import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import pg from 'pg'

/**
 * Runs what the docs give to the owner of FlowFuse's database, under a name of this test's own.
 * @param url of the database, for its owner
 * @returns the same for the new role
 */
export async function createRoleOfDocs(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const role = `forge_pat_${randomBytes(4).toString('hex')}`
  const password = randomBytes(8).toString('hex')
  const file = new URL('../../docs/admin/flowfuse-role.sql', import.meta.url)
  const sql = (await readFile(file, 'utf8')).replaceAll(/\bforge_pat\b/g, role).replace(":'password'", `'${password}'`)
  await asOwner(url, sql)

  const theirs = new URL(url)
  theirs.username = role
  theirs.password = password
  return { url: theirs.href, drop: () => asOwner(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`) }
}

async function asOwner(url: string, sql: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    await owner.query(sql)
  } finally {
    await owner.end()
  }
}
