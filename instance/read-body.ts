import type { InstanceRequest } from './connect.ts'

/** As much as both lines of the SDK take. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

export type Body = { kind: 'json'; value: unknown } | { kind: 'too-large' } | { kind: 'no-json' }

/**
 * Reads the JSON body of a request, or takes what a parser in front has read.
 * @throws {Error} when the client goes away meanwhile
 */
export async function readJsonBody(request: InstanceRequest): Promise<Body> {
  const { body } = request
  // A parser that leaves it as text has not said what it means.
  if (typeof body === 'string' || Buffer.isBuffer(body)) return parse(Buffer.from(body))
  if (body !== undefined) return { kind: 'json', value: body }
  // What is compressed could be anything, and any size.
  if (request.headers['content-encoding'] !== undefined) return { kind: 'no-json' }
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) return tooLarge(request)

  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return tooLarge(request)
    chunks.push(chunk)
  }
  return parse(Buffer.concat(chunks))
}

/** Reads on without keeping anything: a client that is cut off while it writes never sees the answer. */
function tooLarge(request: InstanceRequest): Body {
  request.resume()
  return { kind: 'too-large' }
}

function parse(bytes: Buffer): Body {
  try {
    return { kind: 'json', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown }
  } catch {
    return { kind: 'no-json' }
  }
}
