/** Calls FlowFuse or us; bodies are JSON. @throws {Error} with the answer, unless it is a 2xx */
export type Call = <Answer = unknown>(method: string, path: string, body?: object) => Promise<Answer>

/** @param headers who calls: a cookie or a bearer */
export function callAs(url: string, headers: Record<string, string> = {}): Call {
  return async <Answer>(method: string, path: string, body?: object) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
    return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as Answer
  }
}

/** Asks until the check passes, at most a minute. @throws what the check threw last */
export async function until<Result>(check: () => Promise<Result>): Promise<Result> {
  for (const deadline = performance.now() + 60_000; ;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
