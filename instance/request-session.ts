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
  delete request.sessionID
  Object.defineProperty(request, 'session', {
    value: requestSession(user),
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

/** Not enumerable, so that nothing serialises it. */
function requestSession(user: object): object {
  return Object.defineProperties(
    {},
    {
      user: { value: user },
      // The launcher of a FlowFuse instance takes a session with this for a signed-in one and lets it pass.
      ffSession: { value: true },
      ...Object.fromEntries(
        ['touch', 'save', 'reload', 'regenerate', 'destroy'].map((name) => [name, { value: done }]),
      ),
    },
  )
}

/** The methods of an express-session, which calls `touch` on whatever it finds and lets flows call the rest. */
function done(callback?: () => void): void {
  callback?.()
}
