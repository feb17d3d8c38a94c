import type { ServerResponse } from 'node:http'

import type { MessageGate } from './message-gate.ts'
import { messagesOf, type RpcError } from './json-rpc.ts'

/** A JSON answer is held until it is complete; one that is larger than this is cut off. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** How long a call whose answer was cut off may still be answered, here or to another request of its session. */
const LATE_ANSWER_MS = 60_000

/**
 * Passes what a server answers through the gate: a JSON answer as a whole, a stream of events one by one, in order.
 * Other kinds of answer are no messages and go out as they are.
 * @param more answers of the gate's own, which belong to the same batch
 */
export function inspectAnswer(response: ServerResponse, messages: MessageGate, more: readonly RpcError[] = []): void {
  const write = response.write.bind(response) as (chunk: Buffer | string) => boolean
  const end = response.end.bind(response) as (chunk?: Buffer | string) => ServerResponse
  const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse
  let chunks: Buffer[] = []
  let bytes = 0
  let sse: EventSplitter | null = null
  /** What was written before must go out before. */
  let before: Promise<unknown> = Promise.resolve()

  function isEvents(): boolean {
    return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream')
  }

  function passEvents(buffer: Buffer): void {
    sse ??= eventSplitter()
    for (const event of sse.push(buffer)) {
      before = before.then(async () => void write(await shownEvent(event, messages)))
    }
  }

  function take(chunk: unknown, encoding: unknown): void {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return
    const buffer =
      typeof chunk === 'string' ? Buffer.from(chunk, encodingOf(encoding)) : Buffer.from(chunk as Uint8Array)
    if (isEvents()) return passEvents(buffer)

    bytes += buffer.length
    if (bytes > MAX_ANSWER_BYTES) return void response.destroy()
    chunks.push(buffer)
  }

  async function finish(): Promise<void> {
    await before
    if (isEvents()) {
      for (const answer of more) write(eventOf(answer))
      const rest = sse?.rest() ?? ''
      if (rest !== '') write(await shownEvent(rest, messages))
      void messages.end(LATE_ANSWER_MS)
      return void end()
    }
    const text = await shownJson(Buffer.concat(chunks).toString('utf8'), messages, more)
    await messages.end(0)
    chunks = []
    response.removeHeader('content-length')
    // Node writes the head through `writeHead` of the response, which is to be its own again.
    Object.assign(response, { writeHead, write, end })
    end(text)
  }

  Object.assign(response, {
    writeHead: (status: number, ...rest: unknown[]) => {
      const headers = (typeof rest[0] === 'string' ? rest[1] : rest[0]) ?? {}
      response.statusCode = status
      for (const [name, value] of pairs(headers)) response.setHeader(name, value)
      response.removeHeader('content-length')
      if (isEvents()) writeHead(status)
      return response
    },
    flushHeaders: () => {
      if (isEvents() && !response.headersSent) writeHead(response.statusCode)
    },
    write: (chunk: unknown, encoding?: unknown, done?: unknown) => {
      take(chunk, encoding)
      const callback = typeof encoding === 'function' ? encoding : done
      if (typeof callback === 'function') queueMicrotask(() => (callback as () => void)())
      return true
    },
    end: (chunk?: unknown, encoding?: unknown) => {
      take(chunk, encoding)
      finish().catch(() => response.destroy())
      return response
    },
  })
  // A server may go on without its client, and a client may come back for the answer.
  response.on('close', () => void messages.end(LATE_ANSWER_MS))
}

function pairs(headers: unknown): [string, string | string[]][] {
  if (!Array.isArray(headers)) return Object.entries(headers as Record<string, string>)
  const flat = headers as string[]
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []) as [string, string][])
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
}

async function shownJson(text: string, messages: MessageGate, more: readonly RpcError[]): Promise<string> {
  const parsed = parse(text)
  if (parsed === undefined) return more.length === 0 ? text : JSON.stringify(more)

  const shown = await Promise.all(messagesOf(parsed).map(async (message) => messages.send(message)))
  return JSON.stringify(Array.isArray(parsed) || more.length > 0 ? [...shown, ...more] : shown[0])
}

/** An event whose data is no message goes out as it came. */
async function shownEvent(event: string, messages: MessageGate): Promise<string> {
  const lines = event.split(/\r\n|\r|\n/)
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, ''))
  const parsed = parse(data.join('\n'))
  if (parsed === undefined) return `${event}\n\n`

  const shown = await Promise.all(messagesOf(parsed).map(async (message) => messages.send(message)))
  const others = lines.filter((line) => line !== '' && !line.startsWith('data:'))
  return [...others, `data: ${JSON.stringify(Array.isArray(parsed) ? shown : shown[0])}`, '', ''].join('\n')
}

function eventOf(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

interface EventSplitter {
  /** Whole events, without the empty line at their end. */
  push(bytes: Buffer): string[]
  rest(): string
}

function eventSplitter(): EventSplitter {
  const decoder = new TextDecoder()
  let held = ''
  return {
    push: (bytes) => {
      const events = (held + decoder.decode(bytes, { stream: true })).split(/\r\n\r\n|\n\n|\r\r/)
      held = events.pop() ?? ''
      return events
    },
    rest: () => held,
  }
}
