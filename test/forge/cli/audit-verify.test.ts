import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeCheckpoints } from '../../../forge/audit/checkpoints.ts'
import { runCli } from '../../../command/run.ts'
import { auditVerify } from '../../../forge/cli/audit-verify.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { TEST_SECRET_KEY } from '../../support/forge.ts'
import { auditOn, inOwnLog, writeAll } from '../audit/entries.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.cleanup())

/** What `forge-pat …` does: its exit code and what it prints. */
async function run(words: string, env: Record<string, string> = {}) {
  const out: string[] = []
  const err: string[] = []
  const settings = { DATABASE_URL: database.url, FORGE_SECRET_KEY: TEST_SECRET_KEY, ...env }
  const code = await runCli(
    words.split(' ').filter(Boolean),
    [{ ...auditVerify, summary: 'find changed audit entries', load: async () => auditVerify }],
    {
      env: settings,
      print: (line) => void out.push(line),
      complain: (line) => void err.push(line),
      folder: '/',
      colours: false,
      ask: null,
    },
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function writeSealed(count: number): Promise<void> {
  const audit = auditOn(database.db)
  await writeAll(database.db, audit, Array(count).fill(inOwnLog))
  await makeCheckpoints(audit)
}

const tamper = async () => {
  await database.db.query('DROP TRIGGER pat_audit_entries_update')
  await database.db.query("UPDATE pat_audit_entries SET username = 'bob' WHERE sequence = 2")
}

describe('forge-pat audit verify', () => {
  it('says that nothing is wrong, and exits 0', async () => {
    await writeSealed(3)

    const { code, out, err } = await run('audit verify')
    expect(out).toMatch(
      /^Verified 3 entries and 1 checkpoint; 0 not under a checkpoint yet\.\nNothing is changed, .*\nAnchor, .*: 1:[0-9a-f]{64}$/,
    )
    expect([code, err]).toEqual([0, ''])
  })

  it('names what was changed, and exits 1', async () => {
    await writeSealed(3)
    await tamper()

    const { code, out } = await run('audit verify')
    expect(out).toMatch(/Entry [0-9a-f-]{36} \(number 2, user\.pat\.revoked\) was changed after it was written\./)
    expect(code).toBe(1)
  })

  it('recognises what an old key proved', async () => {
    await writeSealed(3)
    const rotated = { FORGE_SECRET_KEY: Buffer.alloc(32, 9).toString('base64') }

    expect((await run('audit verify', { ...rotated, FORGE_SECRET_KEYS_OLD: TEST_SECRET_KEY })).code).toBe(0)
    expect((await run('audit verify', rotated)).out).toContain('which is not here')
  })

  it('prints JSON where that is asked', async () => {
    await writeSealed(3)
    await tamper()

    const { code, out } = await run('audit verify --json')
    expect(JSON.parse(out)).toMatchObject({ entries: 3, problemCount: 1, problems: [{ kind: 'entry_changed' }] })
    expect(code).toBe(1)
  })

  it('takes the anchor that it printed', async () => {
    await writeSealed(3)
    const { anchor } = JSON.parse((await run('audit verify --json')).out) as { anchor: string }
    await writeSealed(1)

    expect((await run(`audit verify --anchor ${anchor}`)).code).toBe(0)
    expect((await run(`audit verify --anchor 7${anchor}`)).out).toContain(
      'Checkpoint 71, which the anchor names, is missing.',
    )
  })

  it('writes nothing', async () => {
    await writeSealed(1)
    const folder = join(database.url.slice('sqlite:'.length), '..')
    const before = (await readdir(folder)).sort()

    const { code, err } = await run('audit verify', { FORGE_SECRET_KEY: '' })
    expect(code).toBe(2)
    expect(err).toMatch(/^forge-pat: FORGE_SECRET_KEY is not set and .*secret-key does not hold 32 bytes/)
    expect((await readdir(folder)).sort()).toEqual(before)
  })

  it('says what is wrong with a database that is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-cli-'))
    const { code, err } = await run('audit verify', { DATABASE_URL: `sqlite:${folder}/none.db` })

    expect(err).toBe(`forge-pat: DATABASE_URL names the file ${folder}/none.db, which does not exist.`)
    expect(code).toBe(2)
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  it.each([
    ['audit verify --anchor 12', /An anchor is the number/],
    ['audit verify --frobnicate', /--frobnicate/],
    ['audit eat', /There is no such command\.\nTry: forge-pat --help$/],
  ])('refuses %j with a hint, and exits 2', async (words, message) => {
    const { code, err } = await run(words)

    expect(err).toMatch(message)
    expect(code).toBe(2)
  })
})

describe('forge-pat', () => {
  it.each(['', '--help', 'help', 'audit --help'])('lists its commands with %j', async (words) => {
    const { code, out } = await run(words)

    expect(out).toContain('audit verify  find changed')
    expect(code).toBe(0)
  })

  it('explains a command', async () => {
    const { code, out } = await run('audit verify --help')

    expect(out).toMatch(/^Usage: forge-pat audit verify \[options\]/)
    expect(code).toBe(0)
  })
})
