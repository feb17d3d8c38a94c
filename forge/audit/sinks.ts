import { createHmac } from 'node:crypto'
import type { Writable } from 'node:stream'

import type { AuditSink } from './stream.ts'

export interface WebhookOptions {
  url: string
  /** Signs every delivery: `whsec_` and base64, as Standard Webhooks writes it, or any other text as it is. */
  secret: string
  /** Instead of the global one. */
  fetch?: typeof fetch
}

const ANSWER_WITHIN_MS = 10_000

/** JSON lines to a stream of the process. */
export function lineSink(output: Writable): AuditSink {
  return {
    name: 'stdout',
    deliver: ({ text }) =>
      new Promise((resolve, reject) => {
        output.write(text, (error) => (error ? reject(error) : resolve()))
      }),
  }
}

/**
 * Batches of JSON lines by POST, signed as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature).
 * Any answer but a 2xx counts as not delivered. Redirects are not followed: the signature is for this address.
 */
export function webhookSink({ url, secret, fetch: send = fetch }: WebhookOptions): AuditSink {
  const key = webhookKey(secret)

  return {
    name: 'webhook',
    async deliver({ id, text }, closing) {
      const timestamp = String(Math.floor(Date.now() / 1000))
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')

      const response = await send(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'user-agent': 'forge-pat',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body: text,
        redirect: 'manual',
        signal: AbortSignal.any([closing, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`the audit webhook answered ${response.status}`)
    },
  }
}

function webhookKey(secret: string): Buffer {
  const [, encoded] = /^whsec_(.+)$/.exec(secret) ?? []
  return encoded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(encoded, 'base64')
}
