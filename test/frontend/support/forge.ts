import { vi } from 'vitest'

/** What the forge answers to one call: a body, or a refusal. */
export type Answer = { status?: number; body?: unknown } | (() => { status?: number; body?: unknown })

export interface Call {
  method: string
  path: string
  /** As it was sent, by name; of a name that is there several times, all values. */
  query: Record<string, string[]>
  body: unknown
  headers: Record<string, string>
}

/** Stands in for the network, the edge of the pages. Each call to something that has no answer is a mistake of the test. */
export function answerWith(answers: Record<string, Answer>): Call[] {
  const calls: Call[] = []

  vi.stubGlobal('fetch', async (input: string, init: RequestInit = {}) => {
    const url = new URL(input)
    const call = {
      method: init.method ?? 'GET',
      path: url.pathname,
      query: queryOf(url),
      body: parse(init.body),
      headers: Object.fromEntries(new Headers(init.headers)),
    }
    calls.push(call)

    const answer = answers[`${call.method} ${call.path}`]
    if (answer === undefined) throw new TypeError(`no answer to ${call.method} ${call.path}`)
    const { status = 200, body } = typeof answer === 'function' ? answer() : answer
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
    return new Response(text, { status })
  })
  return calls
}

const parse = (body: RequestInit['body']): unknown => (typeof body === 'string' ? JSON.parse(body) : undefined)

const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]))
