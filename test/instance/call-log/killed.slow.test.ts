import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { afterEach, expect, it } from 'vitest'

import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  type TestInstance,
} from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { freePort, startForge, TEST_SECRET_KEY } from '../../support/forge.ts'

/** Who is killed, in this order; each after so many more answers, drawn from the seed. */
const DEATHS = ['instance', 'forge', 'both', 'instance', 'forge', 'instance'] as const
const SEED = Number(process.env['TEST_SEED'] ?? 20_261_124)
const [FEWEST, MOST] = [15, 160]
const CALLERS = 6
/** Answers while there is no forge that are enough: what they leave behind can only arrive later. */
const WITHOUT_FORGE = 20

const running: ChildProcess[] = []
afterEach(async () => {
  for (const child of running.splice(0)) await kill(child)
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function start(script: string[], env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, script, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  await new Promise<void>((ready, failed) => {
    child.once('exit', (code, signal) => failed(new Error(`${script.join(' ')} ended with ${code ?? signal}`)))
    child.stdout.on('data', (chunk) => String(chunk).includes('is ready') && ready())
  })
  return child
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function drawnFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Person {
  username: string
  token: string
}

/** A database with an instance and some people who have tokens for it. */
async function prepare({ db }: TestDatabase, url: string): Promise<{ instance: TestInstance; people: Person[] }> {
  const forge = await startForge({ db })
  const team = await createTeam(forge)
  const instance = await createInstance(forge, { application: await createApplication(forge, { team }), url })
  const people: Person[] = []
  for (const username of ['alice', 'bob', 'carol']) {
    const user = await createUser(forge, { username })
    await addMember(forge, { team, user, role: 'viewer' })
    people.push({ username, token: (await mintToken(forge, { user, instance })).token })
  }
  await forge.close()
  return { instance, people }
}

/** So that those who find nobody leave the machine to who is starting. */
const AGAIN_MS = 20
const isCut = (error: unknown) => error instanceof TypeError // fetch: refused, reset, or ended in the middle

/** @returns whether it was answered; a refusal and a connection that was cut are no answer */
async function ask(url: string, { username, token }: Person, id: string): Promise<boolean> {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'who', arguments: {} } }),
  })
  const body = await response.text()
  if (!body.includes('"result"')) return false
  if (!body.includes(`"text":"${username}"`)) throw new Error(`${username} was answered ${body}`)
  return true
}

/** Callers who go on whatever happens. What they saw answered, by the id of the request, with the name of who asked. */
function startCalling(url: string, people: readonly Person[]) {
  const answered = new Map<string, string>()
  const happened = new EventEmitter()
  const ending = new AbortController()
  let sent = 0

  async function goOn(person: Person): Promise<void> {
    while (!ending.signal.aborted) {
      const id = `call-${sent++}`
      const isAnswered = await ask(url, person, id).catch((error: unknown) => {
        if (!isCut(error)) throw error
        return false
      })
      if (isAnswered) answered.set(id, person.username)
      happened.emit(isAnswered ? 'answer' : 'none')
      if (!isAnswered) await pause(AGAIN_MS)
    }
  }
  const callers = Array.from({ length: CALLERS }, (_, n) => goOn(people[n % people.length] as Person))

  return {
    answered,
    /** Settles with that answer, in the middle of the calls; earlier with one that does not come, where that is enough. */
    answers: (more: number, { orNone = false } = {}) =>
      new Promise<void>((resolve) => {
        const wanted = answered.size + more
        const look = () => {
          if (answered.size < wanted) return
          happened.off('answer', look)
          resolve()
        }
        happened.on('answer', look)
        if (orNone) happened.once('none', resolve)
      }),
    end: async () => {
      ending.abort()
      await Promise.all(callers)
    },
  }
}

interface Row {
  id: string
  username: string
}

it(
  'has each call that somebody saw answered in the log once, whoever is killed when',
  { timeout: 180_000 },
  async () => {
    const random = drawnFrom(SEED)
    const database = await createTestDatabase()
    const stateFolder = await mkdtemp(join(tmpdir(), 'killed-'))
    const [forgePort, instancePort] = [await freePort(), await freePort()]
    const [forgeUrl, url] = [forgePort, instancePort].map((port) => `http://127.0.0.1:${port}`) as [string, string]
    const { instance, people } = await prepare(database, url)

    const startForgeProcess = () =>
      start(['dist/forge/host/main.js'], {
        PORT: String(forgePort),
        BASE_URL: '',
        DATABASE_URL: database.url,
        FORGE_SECRET_KEY: TEST_SECRET_KEY,
      })
    const startInstance = () =>
      start(['test/instance/call-log/instance-process.mjs', String(instancePort)], {
        FORGE_URL: forgeUrl,
        FORGE_PROJECT_ID: instance.id,
        FORGE_PROJECT_TOKEN: instance.credential,
        FORGE_RESOURCE_URL: url,
        FORGE_STATE_FOLDER: stateFolder,
      })

    const living = { forge: await startForgeProcess(), instance: await startInstance() }
    const calling = startCalling(url, people)
    let withoutForge = 0
    for (const who of DEATHS) {
      await calling.answers(FEWEST + Math.floor(random() * (MOST - FEWEST)))
      if (who !== 'forge') await kill(living.instance)
      if (who !== 'instance') await kill(living.forge)
      if (who === 'forge') {
        // The instance remembers its callers for some seconds, and answers them without its forge.
        const before = calling.answered.size
        await calling.answers(WITHOUT_FORGE, { orNone: true })
        withoutForge += calling.answered.size - before
      }
      if (who !== 'instance') living.forge = await startForgeProcess()
      if (who !== 'forge') living.instance = await startInstance()
    }
    await calling.answers(FEWEST)
    await calling.end()
    expect(withoutForge).toBeGreaterThan(0)

    const spooled = () => readdir(join(stateFolder, 'calls'))
    await expect.poll(spooled, { timeout: 60_000, interval: 100 }).toEqual([])

    const [rows] = (await database.db.query(
      'SELECT request_id AS id, username, tool, outcome FROM pat_tool_calls',
    )) as unknown as [Row[]]
    const logged = new Map(rows.map(({ id, username }) => [id, username]))
    expect(rows).toHaveLength(logged.size)
    const lost = [...calling.answered].filter(([id, username]) => logged.get(id) !== username)
    expect(lost, `with TEST_SEED=${SEED}`).toEqual([])

    await database.cleanup()
    await rm(stateFolder, { recursive: true })
  },
)
