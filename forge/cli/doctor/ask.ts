/** Long enough for a busy machine; a person is waiting. */
const PATIENCE_MS = 5_000

export interface Answer {
  status: number
  text: string
  /** Undefined for what is no JSON. */
  json: unknown
  headers: Headers
}

/** What a GET of an address is answered; the reason, for people, when it is not. */
export async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer | string> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await response.text()
    return { status: response.status, text, json: readJson(text), headers: response.headers }
  } catch (error) {
    return reasonOf(error)
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** fetch says no more than that it failed, and keeps the reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `it did not answer within ${PATIENCE_MS / 1_000} seconds`
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}

/** A member of a JSON object; undefined for what is none. */
export function member(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined
}
