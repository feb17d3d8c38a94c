import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { formatToken, parseToken } from '../../forge/contract/token-format.ts'
import {
  expiredToken,
  foreignToken,
  revokedToken,
  startScene,
  tokenOfLeaver,
  tokenOfShutOut,
  tokenOfSuspended,
  type Scene,
} from './scene.ts'

/** RFC 6749 section 5.2: neither quotes nor backslashes, nothing beyond ASCII. */
const ERROR_DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/
const FORM = 'application/x-www-form-urlencoded'

let scene: Scene
let token: string

beforeAll(async () => {
  scene = await startScene()
  token = (await scene.mint()).token
})
afterAll(() => scene.close())

interface Asked {
  body?: string
  method?: string
  query?: string
  authorization?: string | null
  contentType?: string | null
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Asks as the instance asks, but for what is named. */
async function ask(asked: Asked): Promise<Answer> {
  const { method = 'POST', query = '', authorization = bearer(), contentType = FORM } = asked
  const response = await fetch(`${scene.introspectionUrl}${query}`, {
    method,
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(contentType === null ? {} : { 'content-type': contentType }),
    },
    // Bytes, since fetch would give a string a content type of its own.
    ...(asked.body === undefined ? {} : { body: Buffer.from(asked.body) }),
  })
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
}

const form = (...pairs: [string, string][]) => new URLSearchParams(pairs).toString()
const asksAbout = (text: string) => ask({ body: form(['token', text]) })
const errorOf = ({ body }: Answer): { error: string; error_description?: string } => JSON.parse(body)

describe('RFC 7662 section 2.1, the request', () => {
  it('answers a form with a live token', async () => {
    const answer = await asksAbout(token)

    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ active: true, jti: expect.any(String) })
  })

  it.each([
    ['no body', undefined],
    ['a body without a token', form(['token_type_hint', 'access_token'])],
    // RFC 6749 section 3.2: a parameter without a value counts as left out.
    ['an empty token', form(['token', ''])],
    // The same section: no parameter may come twice.
    ['a token that comes twice', 'token=a&token=b'],
    ['the same token twice', 'token=a&token=a'],
    ['a hint that comes twice', 'token=a&token_type_hint=b&token_type_hint=c'],
  ])('refuses %s as invalid_request', async (_what, body) => {
    const answer = await ask(body === undefined ? {} : { body })

    expect(answer.status).toBe(400)
    expect(errorOf(answer).error).toBe('invalid_request')
  })

  it('looks for a token in the body alone, never in the address', async () => {
    const answer = await ask({ query: `?${form(['token', token])}`, body: '' })

    expect(answer.status).toBe(400)
    expect(errorOf(answer).error).toBe('invalid_request')
  })

  it.each(['access_token', 'refresh_token', 'no_such_type', ''])('makes nothing of the hint "%s"', async (hint) => {
    const hinted = await ask({ body: form(['token', token], ['token_type_hint', hint]) })

    expect(hinted.body).toBe((await asksAbout(token)).body)
  })

  it('ignores parameters that it does not know', async () => {
    const answer = await ask({ body: form(['token', token], ['resource', 'https://other.example'], ['x', '1']) })

    expect(answer.body).toBe((await asksAbout(token)).body)
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('refuses %s, as section 4 advises', async (method) => {
    const answer = await ask({ method, query: `?${form(['token', token])}`, contentType: null })

    expect(answer.status).toBe(405)
    expect(answer.headers['allow']).toBe('POST')
    expect(errorOf(answer).error).toBe('invalid_request')
  })

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', null])(
    'refuses a body of type %s',
    async (contentType) => {
      const answer = await ask({ contentType, body: JSON.stringify({ token }) })

      expect([400, 415]).toContain(answer.status)
      expect(errorOf(answer).error).toBe('invalid_request')
    },
  )

  it('refuses a body of a megabyte', async () => {
    const answer = await asksAbout('x'.repeat(1_100_000))

    expect(answer.status).toBe(413)
    expect(errorOf(answer).error).toBe('invalid_request')
  })
})

describe('RFC 7662 section 2.1, who may ask', () => {
  it('knows an instance by its credential as a bearer', async () => {
    expect((await ask({ body: form(['token', token]), authorization: bearer() })).status).toBe(200)
  })

  it('knows an instance by HTTP Basic with its id', async () => {
    expect(
      (await ask({ body: form(['token', token]), authorization: basic(scene.instance.id, scene.instance.credential) }))
        .status,
    ).toBe(200)
  })

  it('reads the scheme in any case (RFC 9110 section 11.1)', async () => {
    const authorization = bearer().replace('Bearer', 'bEARER')

    expect((await ask({ body: form(['token', token]), authorization })).status).toBe(200)
  })

  it.each<[string, () => string | null, RegExp]>([
    ['nobody', () => null, /^(Basic|Bearer)\b/],
    ['a wrong bearer', () => 'Bearer fft_nothing', /^Bearer\b/],
    ['a bearer that is no bearer text', () => 'Bearer "quoted"', /^Bearer\b/],
    ['a wrong password', () => basic(scene.instance.id, 'fft_nothing'), /^Basic\b/],
    ['the credential under the id of another', () => basic('other', scene.instance.credential), /^Basic\b/],
    ['Basic without a colon', () => `Basic ${Buffer.from('nonsense').toString('base64')}`, /^Basic\b/],
    ['Basic that is not base64', () => 'Basic %%%', /^Basic\b/],
    ['the token that is asked about', () => `Bearer ${token}`, /^Bearer\b/],
    ['a scheme of no meaning here', () => 'Digest username="x"', /^(Basic|Bearer)\b/],
  ])('refuses %s with a challenge of the scheme that was tried (section 2.3)', async (_who, authorization, scheme) => {
    const answer = await ask({ body: form(['token', token]), authorization: authorization() })

    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(scheme)
    expect(errorOf(answer).error).toMatch(/^invalid_(client|token)$/)
  })

  it('takes no credential from the body', async () => {
    const { id, credential } = scene.instance
    const body = form(['token', token], ['client_id', id], ['client_secret', credential])

    expect((await ask({ body, authorization: null })).status).toBe(401)
  })
})

describe('RFC 7662 section 2.2, the answer', () => {
  it('has the registered members with their types', async () => {
    const { headers, body } = await asksAbout(token)
    const answer = JSON.parse(body)

    expect(headers['content-type']).toMatch(/^application\/json\b/)
    expect(answer).toMatchObject({
      active: true,
      iss: scene.forge.url,
      sub: scene.user.id,
      username: scene.user.username,
      token_type: 'Bearer',
      scope: 'mcp:read mcp:write',
      aud: scene.instance.url,
      roles: ['member'],
    })
    expect(answer.client_id).toBe(`pat:${answer.jti}`)
    expect(Number.isInteger(answer.iat) && Number.isInteger(answer.exp) && answer.iat < answer.exp).toBe(true)
  })

  it('never repeats the token', async () => {
    expect((await asksAbout(token)).body).not.toContain(token.split('_').at(-1))
  })
})

describe('RFC 7662 section 2.2, an inactive token', () => {
  const NEVER_COMPARED = ['date', 'x-request-id', 'request-id']
  const comparable = ({ status, headers, body }: Answer) => ({
    status,
    body,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !NEVER_COMPARED.includes(name))),
  })

  it.each<[string, (scene: Scene) => Promise<string> | string]>([
    ['text that is no token', () => 'ffpat_'],
    ['text of strange characters', () => '\u0000\ud83d\ude00%&='],
    ['text of 10,000 characters', () => 'x'.repeat(10_000)],
    ['a token of a wrong checksum', () => withOtherChecksum(token)],
    ['a token of an unknown selector', () => formatToken({ ...partsOf(token), selector: '000000000000' })],
    ['a right selector with a wrong secret', () => formatToken({ ...partsOf(token), secret: '0'.repeat(43) })],
    ['an expired token', expiredToken],
    ['a revoked token', revokedToken],
    ["a token for another team's instance", foreignToken],
    ['a token of a person who was suspended', tokenOfSuspended],
    ['a token of a person who left the team', tokenOfLeaver],
    ['a token of a person whom an override shuts out', tokenOfShutOut],
    ["the instance's own credential", ({ instance }) => instance.credential],
  ])('is nothing but {"active":false} for %s', async (_what, make) => {
    const answer = await asksAbout(await make(scene))

    expect(answer.body).toBe('{"active":false}')
    expect(comparable(answer)).toEqual(comparable(await asksAbout('not-a-token')))
  })
})

describe('RFC 7662 section 2.2 and RFC 6749 section 5.1, caching', () => {
  it.each<[string, () => Asked]>([
    ['an active token', () => ({ body: form(['token', token]) })],
    ['an inactive token', () => ({ body: form(['token', 'x']) })],
    ['a request without a token', () => ({ body: '' })],
    ['a caller without a credential', () => ({ body: form(['token', token]), authorization: null })],
    ['a JSON body', () => ({ body: '{}', contentType: 'application/json' })],
    ['a GET', () => ({ method: 'GET', contentType: null })],
    ['a body that is too large', () => ({ body: 'x'.repeat(1_100_000) })],
  ])('forbids to store the answer to %s', async (_what, asked) => {
    const { headers } = await ask(asked())

    expect(headers['cache-control']).toBe('no-store')
    expect(headers['pragma']).toBe('no-cache')
  })
})

describe('RFC 6749 section 5.2, errors', () => {
  it.each<[string, () => Asked]>([
    ['a request without a token', () => ({ body: '' })],
    ['a token twice', () => ({ body: 'token="&token=\\' })],
    ['a wrong type', () => ({ body: '{', contentType: 'application/json' })],
    ['no credential', () => ({ authorization: null })],
  ])('describes %s in plain characters', async (_what, asked) => {
    const answer = await ask(asked())

    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(errorOf(answer).error_description).toMatch(ERROR_DESCRIPTION)
  })
})

function bearer(): string {
  return `Bearer ${scene.instance.credential}`
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
}

function partsOf(text: string): { selector: string; secret: string } {
  const parts = parseToken(text)
  if (!parts) throw new Error('a minted token is well-formed')
  return parts
}

function withOtherChecksum(text: string): string {
  return text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
}
