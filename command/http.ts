import type { Environment } from '../forge/host/config-error.ts'
import { CommandError } from './command-error.ts'

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

const TIMEOUT_MS = 15_000

/** Of all that can keep an answer away: who can mend it, by the codes of Node and undici. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/
const TIMEOUT = /TIMEOUT|ETIMEDOUT|TimeoutError/
const NO_SUCH_HOST = /ENOTFOUND|EAI_AGAIN/
const REFUSED = /ECONNREFUSED/
const PROXY = /Proxy response|proxy/i

export type Obstacle = 'certificate' | 'timeout' | 'host' | 'refused' | 'proxy' | 'other'

/** Nobody answered. The message says what to do. */
export class UnreachableError extends CommandError {
  readonly obstacle: Obstacle

  constructor(host: string, cause: unknown, proxy: string | null) {
    const obstacle = obstacleOf(cause)
    super(sentenceFor(obstacle, host, proxy), { cause })
    this.obstacle = obstacle
  }
}

/**
 * A fetch that goes through the proxy which the environment names, never follows a redirect (what it carries is meant
 * for one address), and gives up after 15 seconds.
 */
export async function createFetch(env: Environment): Promise<Fetch> {
  const through = await proxied(env)
  return async (url, init = {}) => {
    try {
      return await through(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...init })
    } catch (error) {
      throw new UnreachableError(new URL(url).host, error, proxyFor(url, env))
    }
  }
}

/** Node's own fetch knows no proxy before Node 24. undici is loaded only where there is one. */
async function proxied(env: Environment): Promise<Fetch> {
  const { httpProxy, httpsProxy, noProxy } = proxiesOf(env)
  if (!httpProxy && !httpsProxy) return fetch

  const undici = await import('undici')
  try {
    const dispatcher = new undici.EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy })
    // The same web standard in two versions, which the types of Node and of undici keep apart.
    const viaProxy = undici.fetch as unknown as (url: string | URL, init: object) => Promise<Response>
    return (url, init) => viaProxy(url, { ...init, dispatcher })
  } catch (cause) {
    throw new CommandError('HTTP_PROXY or HTTPS_PROXY is not an address such as http://proxy.example.com:3128.', {
      cause,
    })
  }
}

function proxiesOf(env: Environment) {
  return {
    httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'] ?? '',
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
  }
}

/** The proxy that stands before an address, without the password that its own address may hold; null: none does. */
export function proxyFor(url: string | URL, env: Environment): string | null {
  const { httpProxy, httpsProxy } = proxiesOf(env)
  const proxy = new URL(url).protocol === 'https:' ? httpsProxy || httpProxy : httpProxy
  return URL.canParse(proxy) ? new URL(proxy).host : null
}

function obstacleOf(cause: unknown): Obstacle {
  const said = reasonsIn(cause)
  if (CERTIFICATE.test(said)) return 'certificate'
  if (PROXY.test(said)) return 'proxy'
  if (TIMEOUT.test(said)) return 'timeout'
  if (NO_SUCH_HOST.test(said)) return 'host'
  return REFUSED.test(said) ? 'refused' : 'other'
}

/** fetch wraps what went wrong, sometimes twice. */
function reasonsIn(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const { code, name, message, cause } = error as NodeJS.ErrnoException & { cause?: unknown }
  const inner = error instanceof AggregateError ? error.errors.map(reasonsIn).join(' ') : reasonsIn(cause)
  return [code, name, message, inner].join(' ')
}

function sentenceFor(obstacle: Obstacle, host: string, proxy: string | null): string {
  const by = proxy === null ? '' : ` The environment sends it through the proxy ${proxy}; NO_PROXY makes exceptions.`
  switch (obstacle) {
    case 'certificate':
      return `${host} shows a certificate that this machine does not trust. If an authority of your own signed it, name its file in NODE_EXTRA_CA_CERTS.`
    case 'proxy':
      return `The proxy did not let the connection to ${host} through.${by}`
    case 'timeout':
      return `${host} did not answer in time.${by}`
    case 'host':
      return `The name of ${host} is not known here. Is it spelt right, and does it need a VPN?${by}`
    case 'refused':
      return `Nothing listens at ${host}. Is it running, and is the port right?${by}`
    case 'other':
      return `The connection to ${host} failed.${by}`
  }
}
