import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { Client, ResultCodeError } from 'ldapts'

import type { LdapFault, LdapSettings } from '../../../contract/ldap.ts'
import { DirectoryFault } from './fault.ts'
import { askForTls } from './start-tls.ts'

/** How a connection is made, without what is asked over it. */
export type Reach = Pick<LdapSettings, 'url' | 'startTls' | 'caCertificate'>

/**
 * Works over one connection, which is gone afterwards, and at the latest when the signal says so. It is never made
 * anew under way: another one might not be the encrypted one.
 * @throws {DirectoryFault}
 */
export async function withClient<T>(
  reach: Reach,
  deadline: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const socket = await openSocket(reach, deadline)
  let given = false
  const client = new Client({
    // The socket is there already; of the address nothing counts but that it is one.
    url: 'ldap://localhost',
    strictDN: false,
    createConnection: () => {
      if (given) throw new Error('the directory has closed the connection')
      given = true
      return socket
    },
  })
  try {
    return await work(client)
  } finally {
    if (client.isConnected) client.unbind().catch(() => undefined)
    else socket.destroy()
  }
}

/** Asks, and names the step at which it failed. @throws {DirectoryFault} */
export async function asking<T>(problem: LdapFault, deadline: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof DirectoryFault) throw error
    if (deadline.aborted) throw new DirectoryFault('ldap_timeout', error)
    throw new DirectoryFault(error instanceof ResultCodeError ? problem : 'ldap_connect', error)
  }
}

/** Whether a host is this machine, so that nobody stands between. */
export function isThisMachine(url: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(new URL(url).hostname)
}

async function openSocket({ url, startTls, caCertificate }: Reach, deadline: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isSecure = protocol === 'ldaps:'
  if (!isSecure && !startTls && !isThisMachine(url)) {
    throw new DirectoryFault('ldap_connect', new Error('plain LDAP leaves this machine'))
  }

  const defaultPort = isSecure ? 636 : 389
  const plain = connectPlain({ host, port: port === '' ? defaultPort : Number(port) })
  await ready(plain, { event: 'connect', problem: 'ldap_connect', deadline })
  if (!isSecure && !startTls) return plain

  if (!isSecure) {
    await askForTls(plain).catch((error: unknown) => {
      plain.destroy()
      throw new DirectoryFault(deadline.aborted ? 'ldap_timeout' : 'ldap_start_tls', error)
    })
  }
  const authorities = caCertificate.trim() === '' ? {} : { ca: caCertificate }
  const secure = connectTls({ socket: plain, host, minVersion: 'TLSv1.2', ...authorities })
  await ready(secure, { event: 'secureConnect', problem: 'ldap_certificate', deadline })
  return secure
}

/** Waits for a socket, which goes when the time is up. */
function ready(
  socket: Socket,
  { event, problem, deadline }: { event: string; problem: LdapFault; deadline: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => {
      socket.destroy()
      reject(new DirectoryFault(deadline.aborted ? 'ldap_timeout' : problem, cause))
    }
    const expire = () => void socket.destroy()
    deadline.addEventListener('abort', expire, { once: true })
    socket.once('close', () => deadline.removeEventListener('abort', expire))
    socket.on('error', fail)
    socket.once('close', () => fail(new Error('the connection was closed')))
    socket.once(event, resolve)
    if (deadline.aborted) expire()
  })
}
