import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import { findPostgres } from '../../scripts/postgres.mjs'

const START_TIMEOUT_MS = 30_000

/**
 * Gives the tests a PostgreSQL: the one of FORGE_TEST_PG_URL, else a server of this run's own in a temporary folder.
 * Without either, what needs PostgreSQL is skipped with a warning, and fails in CI.
 */
export async function setup() {
  if (process.env.FORGE_TEST_PG_TEMPLATE) return undefined // another project of this run has been here
  const template = `forge_template_${randomBytes(6).toString('hex')}`
  process.env.FORGE_TEST_PG_TEMPLATE = template
  if (process.env.FORGE_TEST_PG_URL) return () => dropDatabase(process.env.FORGE_TEST_PG_URL, template)

  const programs = findPostgres()
  if (!programs) {
    if (process.env.CI) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
    console.warn(
      '\nPostgreSQL is not installed: the tests that need it are SKIPPED (CONTRIBUTING.md says what to do).\n',
    )
    return undefined
  }

  const server = await startPostgres(programs, CARELESS)
  process.env.FORGE_TEST_PG_URL = server.url
  return server.stop
}

/** Where the server goes on after this run. */
async function dropDatabase(url, name) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`DROP DATABASE IF EXISTS ${name}`)
  await client.end()
}

/** What a crash would lose is thrown away anyway. */
const CARELESS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
/** For who stops the server in the middle of its work: what it has committed outlives it, if not the machine. */
const KEEPS_ITS_WORD = ['fsync=off']

/** A server of a test's own, that it may stop and start. */
export function startOwnPostgres() {
  const programs = findPostgres()
  if (!programs) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  return startPostgres(programs, KEEPS_ITS_WORD)
}

async function startPostgres(programs, more) {
  const folder = mkdtempSync(join(tmpdir(), 'forge-postgres-'))
  const identity = serverIdentity()
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid)

  const initdb = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const made = spawnSync(join(programs, 'initdb'), initdb, { ...identity, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)

  const port = await freePort()
  const options = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`]
  const settings = [...options, ...more].flatMap((setting) => ['-c', setting])
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const run = () =>
    spawn(join(programs, 'postgres'), ['-D', join(folder, 'data'), ...settings], {
      ...identity,
      cwd: folder,
      stdio: 'ignore',
    })

  let child = run()
  const end = async (signal) => {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await exited
  }
  const stop = async () => {
    await end('SIGINT') // fast shutdown: does not wait for clients
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(url, child)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    stop,
    /** Ends it as PostgreSQL calls it: `fast` hangs up on everybody, `immediate` is a crash that it recovers from. */
    halt: (mode) => end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    async resume() {
      child = run()
      await answers(url, child)
    },
  }
}

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
function serverIdentity() {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function answers(url, child) {
  const giveUpAt = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return
    } catch (error) {
      if (child.exitCode !== null || Date.now() > giveUpAt)
        throw new Error('PostgreSQL did not start', { cause: error })
      await sleep(50)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}
