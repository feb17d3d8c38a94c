import type { InstanceEvent } from '../contract/instance-events.ts'
import type { Grant } from '../contract/grant.ts'
import { createRing } from './ring.ts'
import { formatEvent, type EventStream } from './stream.ts'

/** A stream that is silent for longer than some of these is dead. */
const HEARTBEAT_SECONDS = 5
/** Events that an instance may have missed and still be told: some minutes of a busy forge. */
const REMEMBERED = 1_024
/** Streams of one instance: it may run several processes, and come back before an old stream is seen to be dead. */
const MAX_PER_INSTANCE = 8

/** What is said, and which instances hear it: those in one of the places, or everybody. */
export interface Message {
  event: Extract<InstanceEvent, { event: 'forget' | 'rules' }>
  to: 'everybody' | readonly Grant[]
  /** Asks those who confirm, and stand in one of these places, to do so. */
  confirm?: 'everybody' | readonly Grant[]
}

/** Where an instance stands. */
export interface Place {
  instanceId: string
  applicationId: string
  teamId: string
}

/** An instance that listens. */
export interface Listener {
  /** Where it stands now. */
  place: Place
  stream: EventStream
  /** Names it to one that confirms; absent for one that does not. */
  listenerId?: string
  /** Whether its credential is still good. */
  check(): Promise<Place | null>
}

/** The instances that listen to this forge. */
export interface Push {
  /** @param lastEventId the last that it has heard, if it has heard anything */
  add(listener: Listener, lastEventId: string | undefined): void
  remove(listener: Listener): void
  publish(message: Message): void
  /** Something was not published, since nobody listens: who comes back has missed it. */
  skip(): void
  /** Looks at who listens from these places anew, and lets go of those whose credential is no longer good. */
  recheck(at: 'everybody' | readonly Grant[]): Promise<void>
  readonly size: number
  /** Says goodbye to all. */
  dismiss(): void
  close(): void
}

export function createPush(): Push {
  const listeners = new Set<Listener>()
  const ring = createRing<Message>(REMEMBERED)
  const heartbeat = setInterval(() => {
    for (const { stream } of listeners) stream.beat()
  }, HEARTBEAT_SECONDS * 1_000)
  heartbeat.unref()

  const dismiss = () => {
    const goodbye = formatEvent({ event: 'bye', data: {} }, ring.latestId())
    for (const { stream } of listeners) stream.end(goodbye)
    listeners.clear()
  }

  return {
    add(listener, lastEventId) {
      makeRoomFor(listeners, listener)
      const missed = lastEventId === undefined ? null : ring.since(lastEventId)
      const { listenerId } = listener
      const named = listenerId === undefined ? {} : { listenerId }
      const data = { resumed: missed !== null, heartbeatSeconds: HEARTBEAT_SECONDS, ...named }
      // With the id that it has come with where there is more to follow, lest it comes back with an id from before.
      listener.stream.write(
        formatEvent({ event: 'hello', data }, missed?.length ? (lastEventId ?? '') : ring.latestId()),
      )
      for (const { id, item } of missed ?? []) {
        if (concerns(item, listener)) listener.stream.write(textFor(item, id)(listener))
      }
      listeners.add(listener)
    },
    remove: (listener) => void listeners.delete(listener),

    publish(message) {
      const text = textFor(message, ring.add(message))
      for (const listener of listeners) if (concerns(message, listener)) listener.stream.write(text(listener))
    },

    skip: () => ring.skip(),

    async recheck(at) {
      const concerned = [...listeners].filter(({ place }) => isAmong(at, place))
      await Promise.all(concerned.map((listener) => recheckOne(listeners, listener)))
    },

    get size() {
      return listeners.size
    },
    dismiss,
    close() {
      clearInterval(heartbeat)
      dismiss()
    },
  }
}

/** An event as it goes over the wire; who does not confirm is not asked to. */
function textFor({ event, confirm = [] }: Message, id: string): (listener: Listener) => string {
  const plain = formatEvent(event, id)
  if (confirm.length === 0 || event.event !== 'forget') return () => plain

  const asking = formatEvent({ event: 'forget', data: { ...event.data, confirm: true } }, id)
  return ({ listenerId, place }) => (listenerId !== undefined && isAmong(confirm, place) ? asking : plain)
}

/** One that cannot be looked at now is let go too: it comes back. */
async function recheckOne(listeners: Set<Listener>, listener: Listener): Promise<void> {
  const place = await listener.check().catch(() => null)
  if (place) {
    listener.place = place
    return
  }
  listeners.delete(listener)
  listener.stream.end()
}

function makeRoomFor(listeners: Set<Listener>, { place }: Listener): void {
  const same = [...listeners].filter((each) => each.place.instanceId === place.instanceId)
  for (const oldest of same.slice(0, Math.max(0, same.length - MAX_PER_INSTANCE + 1))) {
    listeners.delete(oldest)
    oldest.stream.end()
  }
}

function concerns({ to }: Message, { place }: Listener): boolean {
  return isAmong(to, place)
}

function isAmong(places: 'everybody' | readonly Grant[], place: Place): boolean {
  return places === 'everybody' || places.some((each) => isAt(each, place))
}

function isAt({ type, id }: Grant, { instanceId, applicationId, teamId }: Place): boolean {
  return id === { instance: instanceId, application: applicationId, team: teamId }[type]
}
