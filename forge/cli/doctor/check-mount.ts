import type { SidecarConfig } from '../../flowfuse/config.ts'
import { hint, ok, wrong, type Finding } from '../finding.ts'
import { ask, member } from './ask.ts'

/** Of the block for documentation (RFC 5737): nobody calls from here. */
const CLAIMED = '203.0.113.7'

const PROXY = 'Compare the proxy with docs/admin/flowfuse.md.'

/** Whether the public address has FlowFuse at its root and us below our path, as people and instances need it. */
export async function checkMount({ baseUrl, trustProxy }: SidecarConfig): Promise<Finding[]> {
  const alive = await ask(`${baseUrl}/health/live`)
  if (typeof alive === 'string') {
    return [wrong(`Nothing answers at ${baseUrl}: ${alive}.`, `Is the proxy running? ${PROXY}`)]
  }
  if (alive.status === 502 || alive.status === 503) {
    return [wrong(`The proxy at ${baseUrl} does not reach forge-pat.`, 'Start forge-pat serve, then look again.')]
  }
  if (member(alive.json, 'status') !== 'ok') {
    return [wrong(`What answers at ${baseUrl} is not forge-pat: it answered ${alive.status}.`, PROXY)]
  }
  return [
    ok(`forge-pat answers at ${baseUrl}.`),
    await checkOrigin(new URL(baseUrl).origin),
    await checkDiscovery(baseUrl),
    await checkForwarding(baseUrl, trustProxy),
    await checkMenu(baseUrl),
  ]
}

async function checkOrigin(origin: string): Promise<Finding> {
  const answer = await ask(`${origin}/api/v1/user`)
  if (typeof answer !== 'string' && answer.status === 401) return ok(`FlowFuse answers at ${origin}.`)
  return wrong(
    `FlowFuse does not answer at ${origin}, where the browser has its cookie.`,
    'BASE_URL must be the address at which people use FlowFuse, with a path of our own.',
  )
}

/** Where RFC 8414 puts it: not below our path. */
async function checkDiscovery(baseUrl: string): Promise<Finding> {
  const { origin, pathname } = new URL(baseUrl)
  const path = `/.well-known/oauth-authorization-server${pathname}`
  const answer = await ask(origin + path)
  if (typeof answer !== 'string' && member(answer.json, 'issuer') === baseUrl) return ok(`${path} is served.`)
  return wrong(`${path} does not lead to forge-pat: clients will not find it.`, PROXY)
}

/** The address that forge-pat sees of a caller who claims another one. */
async function checkForwarding(baseUrl: string, trustProxy: SidecarConfig['trustProxy']): Promise<Finding> {
  const answer = await ask(`${baseUrl}/health/caller`, { 'x-forwarded-for': CLAIMED })
  if (typeof answer === 'string' || typeof member(answer.json, 'address') !== 'string') {
    return hint('The forge-pat that runs does not say from where it is called.', 'Is it of an older version?')
  }
  if (member(answer.json, 'address') === CLAIMED) {
    return wrong(
      'The proxy hands on what callers say of their own address: limits and audit would believe anything.',
      'Let it set X-Forwarded-For to what it sees itself, and let TRUST_PROXY name that proxy alone.',
    )
  }
  if (trustProxy === false) {
    return hint(
      'TRUST_PROXY is not set: all callers have the address of the proxy, and share one limit.',
      'Set it to the address of the proxy, or to loopback.',
    )
  }
  const protocol = member(answer.json, 'protocol')
  const wanted = new URL(baseUrl).protocol.replace(':', '')
  if (protocol !== wanted) {
    return hint(`The proxy does not say that it is called by ${wanted}.`, 'Let it set X-Forwarded-Proto.')
  }
  return ok('The proxy says who calls, and believes no caller about it.')
}

/** The entry in FlowFuse's menu is there only for who wants it, and then its script has to be. */
async function checkMenu(baseUrl: string): Promise<Finding> {
  const { origin, pathname } = new URL(baseUrl)
  const script = `${pathname}/flowfuse-menu.js`
  const page = await ask(`${origin}/`)
  if (typeof page === 'string' || !page.text.includes(script)) {
    return ok("FlowFuse's menu has no entry for tokens; it is optional.")
  }
  const answer = await ask(origin + script)
  const isScript = typeof answer !== 'string' && /javascript/.test(answer.headers.get('content-type') ?? '')
  return isScript
    ? ok("FlowFuse's menu has an entry for tokens.")
    : wrong(`FlowFuse's pages load ${script}, which is not there.`, PROXY)
}
