import { createParser, type EventSourceMessage } from 'eventsource-parser'

import { MISSED_HEARTBEATS, type InstanceEvent, type InstanceEventName } from '../forge/contract/instance-events.ts'
import { PREFER_CONFIRM } from '../forge/contract/revocation.ts'
import type { ForgeApi } from './forge-api.ts'
import { pause } from './pause.ts'

/** What the forge pushes to this instance. */
export interface PushChannel {
  /** Whether the stream is up: since its `hello`, and until it ends or falls silent. */
  isLive(): boolean
  close(): void
}

export interface PushListener {
  onEvent(event: InstanceEvent): void
  /** The stream has ended, or was never there. Told at each attempt. */
  onDown(error: unknown): void
}

const PATH = '/api/v1/instance/events'
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** Instances that hear `bye` together must not come back together. */
const BYE_JITTER_MS = 2_000
/** Until `hello` says how often the heart beats. */
const HELLO_TIMEOUT_MS = 10_000

/** Follows the forge's events for as long as it is not closed, through whatever happens to the connection. */
export function openPushChannel(forge: ForgeApi, listener: PushListener): PushChannel {
  const closed = new AbortController()
  let live = false
  let lastEventId: string | null = null

  const isLive = () => live
  const isClosed = () => closed.signal.aborted

  async function follow(): Promise<void> {
    let failures = 0
    while (!isClosed()) {
      const end = await readStream(forge, { lastEventId, closed: closed.signal, receive })
      failures = isLive() ? 0 : failures + 1
      live = false
      if (isClosed()) return

      listener.onDown(end.error)
      await pause(end.bye ? Math.random() * BYE_JITTER_MS : backoffMs(failures), closed.signal)
    }
  }

  function receive(event: InstanceEvent, id: string | undefined): void {
    if (id !== undefined) lastEventId = id
    if (event.event === 'hello') live = true
    listener.onEvent(event)
  }

  follow().catch((error: unknown) => {
    if (!isClosed()) listener.onDown(error)
  })
  return { isLive, close: () => closed.abort() }
}

/** Half of it is chance. @param failures in a row, from 0 */
function backoffMs(failures: number): number {
  const limit = Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS)
  return limit / 2 + (Math.random() * limit) / 2
}

interface StreamOptions {
  lastEventId: string | null
  closed: AbortSignal
  receive(event: InstanceEvent, id: string | undefined): void
}

interface StreamEnd {
  error: unknown
  bye: boolean
}

/** Reads one stream until it ends, for whatever reason. */
async function readStream(forge: ForgeApi, { lastEventId, closed, receive }: StreamOptions): Promise<StreamEnd> {
  const watch = watchdog(closed)
  const end: StreamEnd = { error: null, bye: false }
  const parser = createParser({
    onEvent: (message) => {
      const event = readEvent(message)
      if (!event) return
      if (event.event === 'hello') watch.expectEvery(event.data.heartbeatSeconds * MISSED_HEARTBEATS * 1000)
      if (event.event === 'bye') end.bye = true
      receive(event, message.id)
    },
  })
  try {
    const headers = {
      accept: 'text/event-stream',
      prefer: PREFER_CONFIRM,
      ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
    }
    const response = await forge(PATH, { headers, signal: watch.signal, expect: [200] })
    const text = response.body?.pipeThrough(new TextDecoderStream()) ?? []
    for await (const chunk of text) {
      watch.alive()
      parser.feed(chunk)
      if (end.bye) break
    }
    return end
  } catch (error) {
    return { ...end, error }
  } finally {
    watch.stop()
  }
}

/** Aborts what is silent for too long, whatever the socket says. */
function watchdog(closed: AbortSignal) {
  const silent = new AbortController()
  let limitMs = HELLO_TIMEOUT_MS
  let timer: NodeJS.Timeout
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silent.abort(), limitMs)
    timer.unref()
  }
  const stop = () => {
    clearTimeout(timer)
    closed.removeEventListener('abort', stop)
    silent.abort()
  }
  closed.addEventListener('abort', stop)
  alive()
  return {
    signal: silent.signal,
    alive,
    stop,
    expectEvery: (milliseconds: number) => {
      limitMs = milliseconds
      alive()
    },
  }
}

const KNOWN: readonly InstanceEventName[] = ['hello', 'forget', 'rules', 'bye']

/** Null for what a later forge may send. @throws {SyntaxError} data that is no JSON: this is not our forge */
function readEvent({ event, data }: EventSourceMessage): InstanceEvent | null {
  return KNOWN.includes(event as InstanceEventName)
    ? ({ event, data: JSON.parse(data) as unknown } as InstanceEvent)
    : null
}
