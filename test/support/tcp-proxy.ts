import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Connections that what a client says first is asked about. */
type Which = (head: string) => boolean

export interface TcpProxy {
  port: number
  /**
   * Loses every packet of these connections from now on, of new ones too, and closes none: what a firewall does that
   * has forgotten a connection, or a cable that is out.
   */
  silence(which: Which): void
  /** Hangs up on everybody, and on whoever comes. */
  cut(): void
  /** New connections get through again; one that was silenced stays so. */
  heal(): void
  close(): Promise<void>
}

interface Pair {
  client: Socket
  upstream: Socket
  head: string
  silent: boolean
}

/** Passes bytes on to a port of this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let silenced: Which | null = null
  let isCut = false

  const server = createServer((client) => {
    if (isCut) return void client.destroy()

    const pair: Pair = { client, upstream: connect(targetPort, '127.0.0.1'), head: '', silent: false }
    const { upstream } = pair
    pairs.add(pair)
    client.on('data', (chunk) => {
      pair.head = (pair.head + chunk.toString('latin1')).slice(0, 1_000)
      if (silenced?.(pair.head)) pair.silent = true
      if (!pair.silent) upstream.write(chunk)
    })
    upstream.on('data', (chunk) => void (pair.silent || client.write(chunk)))

    const end = () => {
      client.destroy()
      upstream.destroy()
      pairs.delete(pair)
    }
    client.on('error', end).on('close', end)
    // Who is silenced does not learn that the other side has gone.
    for (const event of ['error', 'close']) upstream.on(event, () => void (pair.silent || end()))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))

  const hangUp = () => {
    for (const { client } of pairs) client.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    silence(which) {
      silenced = which
      for (const pair of pairs) pair.silent ||= which(pair.head)
    },
    cut() {
      isCut = true
      hangUp()
    },
    heal() {
      silenced = null
      isCut = false
    },
    async close() {
      hangUp()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
