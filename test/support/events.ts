import type { InstanceEvent } from '../../forge/contract/instance-events.ts'

/** An event as it came, with its id. */
export type HeardEvent = InstanceEvent & { id: string }

export interface EventReader {
  status: number
  headers: Headers
  /** The next event; fails when the stream ends before there is one. */
  next(): Promise<HeardEvent>
  /** Resolves with the events that came before the forge ended the stream. */
  rest(): Promise<HeardEvent[]>
  close(): void
}

/** Listens as an instance does, until it is closed or the forge ends it. @param more headers */
export async function openEvents(
  forgeUrl: string,
  credential: string,
  lastEventId?: string,
  more: Record<string, string> = {},
): Promise<EventReader> {
  const hangUp = new AbortController()
  const response = await fetch(`${forgeUrl}/api/v1/instance/events`, {
    headers: {
      authorization: `Bearer ${credential}`,
      ...more,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: hangUp.signal,
  })
  const events = response.ok && response.body ? parse(response.body) : nothing()

  return {
    status: response.status,
    headers: response.headers,
    async next() {
      const { value, done } = await events.next()
      if (done) throw new Error('the stream has ended')
      return value
    },
    async rest() {
      const all: HeardEvent[] = []
      for await (const event of events) all.push(event)
      return all
    },
    close: () => hangUp.abort(),
  }
}

async function* nothing(): AsyncGenerator<HeardEvent> {}

async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<HeardEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? ['', '']),
      )
      if (fields['event']) yield { event: fields['event'], id: fields['id'], data: JSON.parse(fields['data'] ?? '{}') }
    }
  }
}
