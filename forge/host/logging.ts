import type { FastifyInstance, FastifyRequest } from 'fastify'

import type { LogLevel } from './config.ts'

/** Anything in an address that looks like a credential: sooner or later somebody pastes one there. */
const CREDENTIAL = /(ffpat|fft)_[\w-]+/g

/** Takes finished lines, each with its line break. */
export interface LogStream {
  write(line: string): void
}

/** JSON lines, without headers and bodies: what is never logged cannot leak. @param stream default stdout */
export function loggerOptions(level: LogLevel, stream?: LogStream) {
  return {
    level,
    ...(stream ? { stream } : {}),
    redact: ['authorization', 'cookie', '["set-cookie"]'].flatMap((name) => headerPaths(name)),
    serializers: {
      req: ({ method, url, ip }: FastifyRequest) => ({ method, url: printableUrl(url), address: ip }),
    },
  }
}

/** One line for each request, at level debug: the forge's own events stay readable among them. */
export function logRequests(app: FastifyInstance, level: LogLevel): void {
  if (level !== 'debug' && level !== 'trace') return

  app.addHook('onResponse', (request, reply, done) => {
    request.log.debug({ req: request, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered')
    done()
  })
}

function headerPaths(name: string): string[] {
  const last = name.startsWith('[') ? name : `.${name}`
  return [`headers${last}`, `*.headers${last}`]
}

/** The path of a request, without its query. */
function printableUrl(url: string): string {
  return url.replace(/\?.*$/s, '').replace(CREDENTIAL, '$1_…')
}
