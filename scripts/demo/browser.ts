/** A person at the forge's pages: signs in with a password and keeps the cookie. */
export interface Browser {
  post<Answer>(path: string, body: object): Promise<Answer>
  delete(path: string): Promise<void>
}

/** @throws {Error} when user name and password are not accepted */
export async function signIn(forgeUrl: string, username: string, password: string): Promise<Browser> {
  const login = await send(forgeUrl, '/account/login', { method: 'POST', body: { username, password } })
  const cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')

  return {
    post: async <Answer>(path: string, body: object) => {
      const response = await send(forgeUrl, path, { method: 'POST', body, cookie })
      return (await response.json()) as Answer
    },
    delete: async (path) => void (await send(forgeUrl, path, { method: 'DELETE', cookie })),
  }
}

interface Sent {
  method: 'POST' | 'DELETE'
  body?: object
  cookie?: string
}

async function send(forgeUrl: string, path: string, { method, body, cookie }: Sent): Promise<Response> {
  const response = await fetch(forgeUrl + path, {
    method,
    headers: {
      // As a browser does; the forge refuses changes that another site asks for.
      origin: new URL(forgeUrl).origin,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(cookie ? { cookie } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`)
  return response
}
