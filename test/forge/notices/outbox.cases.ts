import Fastify from 'fastify'
import { QueryTypes, type Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Recipient } from '../../../forge/notices/mail.ts'
import { createMailer, type Mailer } from '../../../forge/notices/mailer.ts'
import { outboxTask } from '../../../forge/notices/outbox.ts'
import { tell } from '../../../forge/notices/tell.ts'
import type { SharedDatabase } from '../housekeeping/databases.ts'
import { startSmtpServer, type SmtpBehaviour, type TestSmtpServer } from './smtp.ts'

const TOLD_AT = Date.parse('2026-11-23T08:00:00.000Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const people: Record<string, Recipient> = {
  alice: { email: 'alice@example.com', name: 'Alice Arnold' },
  bob: { email: 'bob@example.com', name: 'Bob' },
  eve: { email: 'eve@example.com', name: 'Eve" <victim@example.com>,\r\nBcc: victim@example.com' },
  mallory: { email: 'mallory@example.com, victim@example.com', name: 'Mallory' },
}

async function emailOf(userIds: string[]): Promise<Map<string, Recipient>> {
  return new Map(userIds.flatMap((id) => (people[id] ? [[id, people[id]] as const] : [])))
}

interface State {
  attempts: number
  mailed: boolean
  waiting: boolean
}

async function states(db: Sequelize): Promise<Record<string, State>> {
  const rows = await db.query<{ userId: string; attempts: number; mailedAt: unknown; dueAt: unknown }>(
    'SELECT user_id AS "userId", mail_attempts AS attempts, mailed_at AS "mailedAt", mail_due_at AS "dueAt" FROM pat_notices',
    { type: QueryTypes.SELECT },
  )
  const stateOf = ({ attempts, mailedAt, dueAt }: (typeof rows)[number]): State => ({
    attempts,
    mailed: mailedAt !== null,
    waiting: dueAt !== null,
  })
  return Object.fromEntries(rows.map((row) => [row.userId, stateOf(row)]))
}

const recipients = (smtp: TestSmtpServer) => smtp.received.flatMap((mail) => mail.recipients).sort()

/** What must hold of the outbox, on whichever database; the SMTP server is a real one. */
export function outboxCases(open: () => Promise<SharedDatabase>): void {
  const { log } = Fastify()
  let shared: SharedDatabase
  let servers: TestSmtpServer[]

  beforeEach(async () => {
    shared = await open()
    servers = []
  })
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await shared.cleanup()
  })

  const startServer = async (behaviour?: SmtpBehaviour, port?: number) => {
    const server = await startSmtpServer(behaviour, port)
    servers.push(server)
    return server
  }

  const mailerFor = ({ url }: TestSmtpServer) =>
    createMailer({ transportUrl: url, from: 'The forge <forge@example.com>' })

  const tellPerson = (userId: string, key = 'k') =>
    tell(
      shared.db,
      {
        userId,
        dedupeKey: key,
        kind: 'token-revoked',
        body: { token: { id: 't1', name: 'Claude\r\nBcc: victim@example.com' }, by: 'Olga', reach: null },
      },
      { now: new Date(TOLD_AT) },
    )

  /** @param later ms after the notices were written */
  const run = (mailer: Mailer | null, later = 0, db = shared.db) =>
    outboxTask({ db, mailer, emailOf, forgeUrl: 'https://example.com', log }).run(
      new Date(TOLD_AT + later),
      () => false,
    )

  it('mails each notice once', async () => {
    const smtp = await startServer()
    await tellPerson('alice')
    await tellPerson('bob')

    await run(mailerFor(smtp))
    await run(mailerFor(smtp), HOUR)
    expect(recipients(smtp)).toEqual(['alice@example.com', 'bob@example.com'])
    expect(await states(shared.db)).toEqual({
      alice: { attempts: 1, mailed: true, waiting: false },
      bob: { attempts: 1, mailed: true, waiting: false },
    })
  })

  it('writes from whom, to whom, and that a program wrote it', async () => {
    const smtp = await startServer()
    await tellPerson('alice')
    await run(mailerFor(smtp))

    const headers = smtp.received[0]?.headers ?? []
    expect(headers).toContain('From: The forge <forge@example.com>')
    expect(headers).toContain('To: Alice Arnold <alice@example.com>')
    expect(headers).toContain('Auto-Submitted: auto-generated')
    expect(headers).toContainEqual(expect.stringMatching(/^Message-ID: <[0-9a-f-]{36}@example\.com>$/))
    expect(headers).toContainEqual(expect.stringMatching(/^Content-Type: multipart\/alternative;/))
  })

  it('lets no name add a header or a recipient', async () => {
    const smtp = await startServer()
    await tellPerson('eve')
    await run(mailerFor(smtp))

    const [mail] = smtp.received
    expect(mail?.recipients).toEqual(['eve@example.com'])
    expect(mail?.headers.map((header) => header.split(':')[0]).sort()).toEqual([
      'Auto-Submitted',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
    ])
  })

  it('writes to no address that is more than one', async () => {
    const smtp = await startServer()
    await tellPerson('mallory')
    await run(mailerFor(smtp))

    expect(smtp.received).toEqual([])
    expect(await states(shared.db)).toEqual({ mallory: { attempts: 1, mailed: false, waiting: false } })
  })

  it('gives up on somebody whom nobody knows', async () => {
    const smtp = await startServer()
    await tellPerson('deleted')
    await tellPerson('alice')

    await run(mailerFor(smtp))
    expect(recipients(smtp)).toEqual(['alice@example.com'])
    expect(await states(shared.db)).toMatchObject({ deleted: { mailed: false, waiting: false } })
  })

  it('tries again once a server that was down is up', async () => {
    const down = await startServer()
    await down.close()
    await tellPerson('alice')
    await tellPerson('bob')
    const mailer = mailerFor(down)

    await run(mailer)
    // The first failure ends the round: the other notice has not lost an attempt.
    expect(Object.values(await states(shared.db)).map(({ attempts }) => attempts)).toEqual(
      expect.arrayContaining([0, 1]),
    )

    const up = await startServer({}, down.port)
    await run(mailer, MINUTE - 1)
    expect(up.received).toHaveLength(1)
    await run(mailer, MINUTE)
    expect(recipients(up)).toEqual(['alice@example.com', 'bob@example.com'])
  })

  it('gives up at once on a recipient whom the server refuses for good, and goes on with the others', async () => {
    const smtp = await startServer({ recipients: { 'alice@example.com': 550 } })
    const warned = vi.spyOn(log, 'warn')
    await tellPerson('alice')
    await tellPerson('bob')

    await run(mailerFor(smtp))
    expect(recipients(smtp)).toEqual(['bob@example.com'])
    expect(await states(shared.db)).toMatchObject({ alice: { attempts: 1, mailed: false, waiting: false } })
    expect(warned).toHaveBeenCalledWith(
      expect.objectContaining({ userId: 'alice', responseCode: 550, attempts: 1 }),
      'a mail is given up',
    )
  })

  it('tries a recipient again whom the server does not take now', async () => {
    const behaviour: SmtpBehaviour = { recipients: { 'alice@example.com': 450 } }
    const smtp = await startServer(behaviour)
    await tellPerson('alice')

    await run(mailerFor(smtp))
    expect(await states(shared.db)).toEqual({ alice: { attempts: 1, mailed: false, waiting: true } })

    behaviour.recipients = {}
    await run(mailerFor(smtp), MINUTE)
    expect(recipients(smtp)).toEqual(['alice@example.com'])
  })

  it('keeps every notice when the server refuses the forge itself', async () => {
    const smtp = await startServer({ sender: 550 })
    await tellPerson('alice')

    await run(mailerFor(smtp))
    expect(await states(shared.db)).toEqual({ alice: { attempts: 1, mailed: false, waiting: true } })
  })

  it('waits longer each time, gives up after 8 attempts, and says so', async () => {
    const down = await startServer()
    await down.close()
    const warned = vi.spyOn(log, 'warn')
    await tellPerson('alice')
    const mailer = mailerFor(down)

    const waits = [0, 1, 4, 16, 64, 256, 720, 720].map((minutes) => minutes * MINUTE)
    let later = 0
    for (const [attempt, wait] of waits.entries()) {
      if (wait > 0) await run(mailer, later + wait - 1)
      expect((await states(shared.db))['alice']?.attempts).toBe(attempt)
      later += wait
      await run(mailer, later)
    }

    expect(await states(shared.db)).toEqual({ alice: { attempts: 8, mailed: false, waiting: false } })
    expect(warned).toHaveBeenLastCalledWith(expect.objectContaining({ attempts: 8 }), 'a mail is given up')
  })

  it('names no address in the log', async () => {
    const smtp = await startServer({ recipients: { 'alice@example.com': 550, 'bob@example.com': 450 } })
    const warned = vi.spyOn(log, 'warn')
    for (const userId of ['alice', 'bob', 'mallory', 'deleted']) await tellPerson(userId)

    await run(mailerFor(smtp))
    expect(warned).toHaveBeenCalledTimes(4)
    expect(JSON.stringify(warned.mock.calls)).not.toContain('@')
  })

  it('sends 50 mails in one round and the rest in the next', async () => {
    const send = vi.fn(async () => ({ outcome: 'sent' }) as const)
    for (let n = 0; n < 53; n++) await tellPerson('alice', `k${n}`)

    await run({ send })
    expect(send).toHaveBeenCalledTimes(50)
    await run({ send })
    expect(send).toHaveBeenCalledTimes(53)
  })

  it('stops between two mails when it is told to', async () => {
    const send = vi.fn(async () => ({ outcome: 'sent' }) as const)
    await tellPerson('alice')
    await tellPerson('bob')
    const task = outboxTask({ db: shared.db, mailer: { send }, emailOf, forgeUrl: 'https://example.com', log })

    await task.run(new Date(TOLD_AT), () => send.mock.calls.length === 1)
    expect(send).toHaveBeenCalledOnce()
  })

  it('mails each notice once when two forges send at once', async () => {
    const smtp = await startServer()
    for (let n = 0; n < 10; n++) await tellPerson('alice', `k${n}`)

    await Promise.all([
      run(mailerFor(smtp)),
      run(mailerFor(smtp), 0, shared.otherDb),
      run(mailerFor(smtp)),
      run(mailerFor(smtp), 0, shared.otherDb),
    ])
    const ids = smtp.received.map(({ headers }) => headers.find((header) => header.startsWith('Message-ID')))
    expect(ids).toHaveLength(10)
    expect(new Set(ids).size).toBe(10)
  })

  it('writes to the log, once and without names, where there is no server', async () => {
    const informed = vi.spyOn(log, 'info')
    await tellPerson('alice')

    await run(null)
    await run(null, HOUR)
    expect(informed.mock.calls).toEqual([
      [{ noticeId: expect.any(String), userId: 'alice', kind: 'token-revoked' }, 'a notice waits on the page'],
    ])
    expect(await states(shared.db)).toEqual({ alice: { attempts: 1, mailed: false, waiting: false } })
  })
}
