import { lookup as lookUp } from 'node:dns'
import { request } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export interface FetchOptions {
  /** Also from addresses that are not public: for a forge whose programs are described inside its own network. */
  allowPrivateAddresses?: boolean
  /** Certificates (PEM) that are trusted instead of the system's. */
  ca?: string
}

const MAX_BYTES = 5 * 1024
const TIMEOUT_MS = 3_000

/**
 * The text of a JSON document at an address that a stranger has chosen: over https alone, from public addresses alone,
 * following nothing, of at most 5 KiB within 3 seconds. The address that was checked is the one that is connected to,
 * so that a name cannot point elsewhere a moment later.
 * @throws {Error} whatever went wrong; nobody outside is told which
 */
export function fetchDocument(url: URL, { allowPrivateAddresses = false, ca }: FetchOptions): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const mayReach = (address: string) => allowPrivateAddresses || isPublic(address)
  if (isIP(host) !== 0 && !mayReach(host)) return Promise.reject(new Error('not a public address'))

  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      {
        lookup: checkedLookup(mayReach),
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        agent: false,
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        const type = response.headers['content-type'] ?? ''
        if (response.statusCode !== 200 || !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
          asking.destroy(new Error('no JSON document'))
          return
        }
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_BYTES) asking.destroy(new Error('too large'))
          else chunks.push(chunk)
        })
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
        response.on('error', reject)
      },
    )
    asking.on('error', reject)
    asking.end()
  })
}

/** Resolves a name, and refuses it when any of its addresses is one that must not be reached. */
function checkedLookup(mayReach: (address: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const [first] = addresses
      if (!first || !addresses.every(({ address }) => mayReach(address))) {
        return callback(new Error('not a public address'), '')
      }
      if (options.all) return callback(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}

/** Everything that IANA's special-purpose registries (RFC 6890) do not call globally reachable, and multicast. */
const NOT_PUBLIC = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, 'ipv4')
}

/** Of IPv6 only what is handed out for the Internet, without what carries an IPv4 address or is for documents. */
const GLOBAL_UNICAST = new BlockList()
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6')
const NOT_PUBLIC_IPV6 = new BlockList()
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC_IPV6.addSubnet(network, bits, 'ipv6')
}

/** Whether an address is one of the public Internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !NOT_PUBLIC.check(address, 'ipv4')
  return isIP(address) === 6 && GLOBAL_UNICAST.check(address, 'ipv6') && !NOT_PUBLIC_IPV6.check(address, 'ipv6')
}
