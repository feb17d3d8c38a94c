import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Tells connections apart by what their client has said of late. */
type Which = (said: string) => boolean

export interface Wire {
  port: number
  /**
   * Loses every packet of these connections from now on, of new ones too, and closes none: what a firewall does that
   * has forgotten a connection, or a cable that is out.
   */
  silence(which: Which): void
  /** Hangs up on these from now on, as soon as they say what makes them these. */
  refuse(which: Which): void
  /** Takes so long for every packet from now on. */
  delay(ms: number): void
  /** New connections get through again; one that was silenced stays so. */
  heal(): void
  close(): Promise<void>
}

interface Pair {
  client: Socket
  upstream: Socket
  said: string
  silent: boolean
}

/** Passes bytes on to a port of this machine. */
export async function layWire(targetPort: number): Promise<Wire> {
  const pairs = new Set<Pair>()
  let isSilenced: Which = () => false
  let isRefused: Which = () => false
  let delayMs = 0

  const pass = (pair: Pair, to: Socket, chunk: Buffer) => {
    const write = () => void (pair.silent || to.write(chunk))
    if (delayMs === 0) write()
    else setTimeout(write, delayMs)
  }
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    const pair: Pair = { client, upstream, said: '', silent: false }
    pairs.add(pair)
    client.on('data', (chunk) => {
      pair.said = (pair.said + chunk.toString('latin1')).slice(-4_000)
      if (isRefused(pair.said)) return void client.destroy()
      if (isSilenced(pair.said)) pair.silent = true
      pass(pair, upstream, chunk)
    })
    upstream.on('data', (chunk) => pass(pair, client, chunk))

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

  return {
    port: (server.address() as AddressInfo).port,
    silence(which) {
      isSilenced = which
      for (const pair of pairs) pair.silent ||= which(pair.said)
    },
    refuse(which) {
      isRefused = which
      for (const { client, said } of pairs) if (which(said)) client.destroy()
    },
    delay: (ms) => void (delayMs = ms),
    heal() {
      isSilenced = isRefused = () => false
    },
    async close() {
      for (const { client } of pairs) client.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
