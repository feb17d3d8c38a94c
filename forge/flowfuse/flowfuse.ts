import { ForgeError } from '../errors/forge-error.ts'

/** Long enough for a busy FlowFuse, short of the five seconds after which an instance gives up on us. */
const PATIENCE_MS = 3_000

/** The running FlowFuse, asked over HTTP. */
export interface FlowFuse {
  /**
   * @param path as FlowFuse has it
   * @param headers all that is told of whoever asks us
   * @param countedAs for whom a limit of FlowFuse's counts the question: one who asks too much is no trouble to others
   * @returns the JSON of a 200, undefined where that is empty; null for a 401
   * @throws {ForgeError} unavailable for any other answer, and for none. FlowFuse's own pages, which stand at every
   *   address that it does not know, are no answer either
   */
  ask(path: string, headers: Record<string, string>, countedAs: string): Promise<unknown>
}

/** What FlowFuse counts by where it limits rates, for who has no session there. */
export const COUNTED_AS = 'x-real-ip'

/** @param url where this process reaches FlowFuse */
export function createFlowFuse(url: string): FlowFuse {
  return {
    async ask(path, headers, countedAs) {
      const response = await fetch(url + path, {
        headers: { accept: 'application/json', [COUNTED_AS]: countedAs, ...headers },
        // It would carry the credential elsewhere.
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE_MS),
      }).catch((cause: unknown) => {
        throw noAnswer(cause)
      })
      const body = await response.text().catch((cause: unknown) => {
        throw noAnswer(cause)
      })
      return readAnswer(path, response.status, body)
    },
  }
}

/** What an answer says, as `ask` has it. @throws {ForgeError} unavailable */
export function readAnswer(path: string, status: number, body: string): unknown {
  if (status === 200) return readJson(body)
  if (status === 401) return null
  throw noAnswer(new Error(`FlowFuse answered ${status} at ${path}`))
}

/** The answer to whoever asked us, when FlowFuse has none that can be relied on. */
export function noAnswer(cause: unknown): ForgeError {
  return new ForgeError('unavailable', 'FlowFuse does not answer. Try again in a moment.', {
    cause,
    retryAfterSeconds: 5,
  })
}

/** Never null, which stands for a 401. @throws {ForgeError} unavailable */
function readJson(text: string): unknown {
  if (text === '') return undefined
  try {
    const json: unknown = JSON.parse(text)
    if (json !== null) return json
  } catch (cause) {
    throw noAnswer(cause)
  }
  throw noAnswer(new Error('FlowFuse answered null'))
}
