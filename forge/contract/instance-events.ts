/**
 * What a forge pushes to an instance: server-sent events at `GET /api/v1/instance/events`, with the instance's own
 * credential. Each has an id, which a reconnecting instance quotes in `Last-Event-ID`. Comments in between are
 * heartbeats. Types without a schema: nothing of it is validated by a route.
 */
export type InstanceEvent =
  /**
   * The first of each stream. Unless it is resumed, the instance drops all that it holds and asks for the rules anew.
   * `listenerId` names the stream to an instance that confirms.
   */
  | { event: 'hello'; data: { resumed: boolean; heartbeatSeconds: number; listenerId?: string } }
  /**
   * What is known of one token may be wrong now; without `tokenId`, of every token. With `confirm` it is revoked, and
   * somebody wants to know when the instance has dropped it (`POST …/events/confirmations`).
   */
  | { event: 'forget'; data: { tokenId?: string; confirm?: true } }
  /** The tool rules of this instance have changed. */
  | { event: 'rules'; data: Record<string, never> }
  /** The forge is stopping: reconnect after a moment, to whichever forge answers. */
  | { event: 'bye'; data: Record<string, never> }

export type InstanceEventName = InstanceEvent['event']

/** Silence for so many heartbeats means that the stream is dead, whatever the socket says. */
export const MISSED_HEARTBEATS = 3
