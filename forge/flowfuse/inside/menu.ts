import type { Readable } from 'node:stream'

import type { FastifyInstance, FastifyReply } from 'fastify'

/**
 * Adds one script to FlowFuse's pages, which adds an entry to its menu (frontend/public/flowfuse-menu.js).
 * @param mountPathOf where the script is; null while the application is not known to be FlowFuse's
 */
export function addMenuScript(app: FastifyInstance, mountPathOf: () => string | null): void {
  app.addHook('onRequest', async ({ method, headers }) => {
    if (mountPathOf() === null || method !== 'GET' || !headers.accept?.includes('text/html')) return
    // The page that a browser has may be one without the script, from before.
    delete headers['if-none-match']
    delete headers['if-modified-since']
  })

  app.addHook('onSend', async ({ method }, reply, payload) => {
    const mountPath = mountPathOf()
    if (mountPath === null || method !== 'GET' || !isPlainPage(reply)) return payload

    const html = await textOf(payload)
    if (html === null) return payload
    for (const header of ['content-length', 'etag', 'last-modified']) reply.removeHeader(header)
    return html.replace('</head>', `<script defer src="${mountPath}/flowfuse-menu.js"></script></head>`)
  })
}

function isPlainPage(reply: FastifyReply): boolean {
  const type = String(reply.getHeader('content-type') ?? '')
  return reply.statusCode === 200 && type.startsWith('text/html') && !reply.hasHeader('content-encoding')
}

/** Null for what is no page after all. */
async function textOf(payload: unknown): Promise<string | null> {
  if (typeof payload === 'string') return payload
  if (Buffer.isBuffer(payload)) return payload.toString('utf8')
  if (!isStream(payload)) return null

  const chunks: Uint8Array[] = []
  for await (const chunk of payload) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

function isStream(payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && Symbol.asyncIterator in payload
}
