import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js'

/** Remembers what one session sent, so that a client which comes back with Last-Event-ID gets the rest of its stream. */
export class SessionEvents implements EventStore {
  readonly #events: { streamId: string; message: JSONRPCMessage }[] = []

  async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    return String(this.#events.push({ streamId, message }))
  }

  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return this.#events[Number(eventId) - 1]?.streamId
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const streamId = await this.getStreamIdForEventId(lastEventId)
    if (streamId === undefined) throw new Error('no such event')

    for (const [index, event] of this.#events.entries()) {
      if (index < Number(lastEventId) || event.streamId !== streamId || !isMessage(event.message)) continue
      await send(String(index + 1), event.message)
    }
    return streamId
  }
}

/** The transport stores its priming event as an empty object; a replay must not send that as a message. */
function isMessage(stored: JSONRPCMessage): boolean {
  return isJSONRPCRequest(stored) || isJSONRPCNotification(stored) || isJSONRPCResponse(stored)
}
