import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeCheckpoints } from '../../../forge/audit/checkpoints.ts'
import { runCli } from '../../../command/run.ts'
import { keysStatus } from '../../../forge/cli/keys-status.ts'
import { createSecretKeys } from '../../../forge/keys.ts'
import { createApplication, createInstance, createTeam, createUser, mintToken } from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startForge, TEST_SECRET_KEY } from '../../support/forge.ts'
import { auditOn, inOwnLog, writeAll } from '../audit/entries.ts'

const NEW_KEY = Buffer.alloc(32, 9).toString('base64')
const ID = createSecretKeys(TEST_SECRET_KEY).id
const NEW_ID = createSecretKeys(NEW_KEY).id

let database: TestDatabase

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.cleanup())

/** What `forge-pat keys status` does: its exit code and what it prints. */
async function run(env: Record<string, string>, ...options: string[]) {
  const out: string[] = []
  const code = await runCli(
    ['keys', 'status', ...options],
    [{ ...keysStatus, summary: 'count', load: async () => keysStatus }],
    {
      env: { DATABASE_URL: database.url, ...env },
      print: (line) => void out.push(line),
      complain: (line) => void out.push(line),
      folder: '/',
      colours: false,
      ask: null,
    },
  )
  return { code, out: out.join('\n') }
}

/** Two tokens, one of them revoked, and a credential. */
async function useForge(): Promise<void> {
  const forge = await startForge({ db: database.db })
  const alice = await createUser(forge)
  const application = await createApplication(forge, { team: await createTeam(forge, { owner: alice }) })
  const instance = await createInstance(forge, { application })
  await mintToken(forge, { user: alice, instance })
  const { id } = await mintToken(forge, { user: alice, instance })
  await database.db.query("UPDATE pat_tokens SET revoked_at = '2026-01-01 00:00:00.000 +00:00' WHERE id = $1", {
    bind: [id],
  })
  await forge.close()
}

describe('forge-pat keys status', () => {
  it('counts everything under the current key, and exits 0', async () => {
    await useForge()

    const { code, out } = await run({ FORGE_SECRET_KEY: TEST_SECRET_KEY })
    expect(out).toMatch(
      new RegExp(
        `^Key ${ID} \\(current\\): 1 live and 1 ended tokens, 1 instance credentials, 0 identity providers, 0 SCIM tokens, 4 audit entries, \\d`,
      ),
    )
    expect(code).toBe(0)
  })

  it('says that an old key is still needed, and exits 1', async () => {
    await useForge()

    const { code, out } = await run({ FORGE_SECRET_KEY: NEW_KEY, FORGE_SECRET_KEYS_OLD: TEST_SECRET_KEY })
    const [current, old, advice] = out.split('\n')
    expect(current).toMatch(new RegExp(`^Key ${NEW_ID} \\(current\\): 0 live and 0 ended tokens`))
    expect(old).toMatch(new RegExp(`^Key ${ID} \\(old\\): 1 live and 1 ended tokens`))
    expect(advice).toMatch(/Still needed/)
    expect(code).toBe(1)
  })

  it('says that an old key is needed for the audit alone, and exits 0', async () => {
    const audit = auditOn(database.db)
    await writeAll(database.db, audit, [inOwnLog])
    await makeCheckpoints(audit)

    const { code, out } = await run({ FORGE_SECRET_KEY: NEW_KEY, FORGE_SECRET_KEYS_OLD: TEST_SECRET_KEY })
    expect(out).toMatch(/1 audit entries, 1 checkpoints\.\n {2}The forge needs it no more\. Keep it for/)
    expect(code).toBe(0)
  })

  it('names a key that no variable holds, and exits 1', async () => {
    await useForge()

    const { code, out } = await run({ FORGE_SECRET_KEY: NEW_KEY })
    expect(out).toMatch(new RegExp(`Key ${ID} \\(unknown\\): 1 live.*\\n {2}No variable holds this key`))
    expect(code).toBe(1)
  })

  it('prints JSON where that is asked, and never a key', async () => {
    await useForge()

    const { out } = await run({ FORGE_SECRET_KEY: NEW_KEY, FORGE_SECRET_KEYS_OLD: TEST_SECRET_KEY }, '--json')
    expect(JSON.parse(out)).toMatchObject({
      keys: [
        { keyId: NEW_ID, state: 'current', liveTokens: 0, needed: false },
        { keyId: ID, state: 'old', liveTokens: 1, endedTokens: 1, credentials: 1, needed: true },
      ],
    })
    expect(out).not.toContain(TEST_SECRET_KEY)
  })

  it('explains itself', async () => {
    const { code, out } = await run({}, '--help')
    expect(out).toMatch(/^Usage: forge-pat keys status \[options\]\n\nCounts tokens/)
    expect(code).toBe(0)
  })
})
