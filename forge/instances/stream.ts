import type { ServerResponse } from 'node:http'

import type { InstanceEvent } from '../contract/instance-events.ts'

/** An instance that has not taken so much is too slow to be told anything; it comes back and drops all it holds. */
const MAX_WAITING_BYTES = 64 * 1024

/** Instances come back after this, each after a time of its own, so that a forge that restarts is not overrun. */
const RETRY_MS = { min: 1_000, spread: 4_000 }

/** One server-sent event, as it goes over the wire (HTML standard, section 9.2.6). */
export function formatEvent({ event, data }: InstanceEvent, id: string): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

const HEARTBEAT = ':\n\n'

/** The open answer to one instance. */
export interface EventStream {
  /** Says nothing to an instance that has hung up, and hangs up on one that does not take what it is sent. */
  write(text: string): void
  beat(): void
  /** Says this last, and ends. */
  end(text?: string): void
}

/** Begins the answer. @param onGone is called once, when the stream has ended for whatever reason */
export function openStream(
  response: ServerResponse,
  headers: Record<string, number | string | string[] | undefined>,
  onGone: () => void,
): EventStream {
  response.once('close', onGone)
  response.writeHead(200, {
    ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back until there are enough of them.
    'x-accel-buffering': 'no',
  })
  response.write(`retry: ${Math.round(RETRY_MS.min + Math.random() * RETRY_MS.spread)}\n\n`)

  const write = (text: string) => {
    if (response.writableEnded) return
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy()
    else response.write(text)
  }
  return {
    write,
    beat: () => write(HEARTBEAT),
    end(text) {
      if (!response.writableEnded) response.end(text)
    },
  }
}
