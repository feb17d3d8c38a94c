import type { InstanceRequest } from './connect.ts'

/**
 * Gives the request a session of its own that nobody stores. A call with a token must not read or change the session
 * of a browser, send a cookie, or leave an entry in a session store for each call.
 *
 * - express-session before us: without `sessionID` it neither saves nor touches nor sets a cookie at the end.
 * - express-session after us: it steps aside when there is a session already.
 * - cookie-session before us: its accessor is replaced, not called.
 */
export function attachSession(request: InstanceRequest, user: object): void {
  const session = new RequestSession(user)
  if (!('session' in request)) return void (request.session = session)

  delete request.sessionID
  Object.defineProperty(request, 'session', { value: session, writable: true, enumerable: true, configurable: true })
}

/** With nothing of its own that could be enumerated, so that nothing serialises it. */
class RequestSession {
  readonly #user: object

  constructor(user: object) {
    this.#user = user
  }

  get user(): object {
    return this.#user
  }

  /** The launcher of a FlowFuse instance takes a session with this for a signed-in one and lets it pass. */
  get ffSession(): true {
    return true
  }

  // The methods of an express-session, which calls `touch` on whatever it finds and lets flows call the rest.
  touch(callback?: () => void): void {
    callback?.()
  }

  save(callback?: () => void): void {
    callback?.()
  }

  reload(callback?: () => void): void {
    callback?.()
  }

  regenerate(callback?: () => void): void {
    callback?.()
  }

  destroy(callback?: () => void): void {
    callback?.()
  }
}
