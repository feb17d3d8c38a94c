import { once } from 'node:events'

import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

import { EXIT, UsageError, type Command, type Terminal } from '../forge/cli/command.ts'
import { CHOICE, CHOICE_HELP, chooseToken, tokensThatFit } from './choose-token.ts'
import { createFetch } from './http.ts'
import { openTokenStore } from './store/token-store.ts'
import { tokenTextFor } from './token-for.ts'

/** JSON-RPC: what a server answers when the fault is none of the request's. */
const INTERNAL_ERROR = -32603

export const bridge: Command = {
  name: 'bridge',
  arguments: '<url>',
  help: `For clients that start an MCP server as a program (Claude Desktop, Zed): speaks with the client on stdin and stdout, passes
everything on to the server at <url>, and adds the token. The server has to belong to an instance that the token reaches.

Options:
${CHOICE_HELP}
  -h, --help               print this

Exit codes: 0 the client has ended it, 1 no token reaches the server, 2 trouble.`,
  options: CHOICE,

  async run(values, terminal, [url]) {
    if (url === undefined || !URL.canParse(url)) throw new UsageError('To which server? Say its address.')

    const store = openTokenStore(terminal.env)
    chooseToken(store.list(), values, terminal)
    const tokens = tokensThatFit(store.list(), values, terminal)
    const fetch = await createFetch(terminal.env)
    const text = await tokenTextFor(url, tokens, { store, fetch: async () => fetch })
    // An answer may stream for as long as a tool works: only the client ends it.
    const remote = new StreamableHTTPClientTransport(new URL(url), {
      fetch: (address, init) => fetch(address, { signal: null, ...init }),
      requestInit: { headers: { authorization: `Bearer ${text}` } },
    })
    await passOn(new StdioServerTransport(), remote, terminal)
    return EXIT.ok
  },
}

async function passOn(
  local: StdioServerTransport,
  remote: StreamableHTTPClientTransport,
  { complain }: Terminal,
): Promise<void> {
  local.onmessage = (message) => {
    remote.send(message).catch((error: unknown) => {
      const said = error instanceof Error ? error.message : String(error)
      complain(`forge-pat: ${said}`)
      if ('method' in message && 'id' in message) {
        void local.send({
          jsonrpc: '2.0',
          id: message.id,
          error: { code: INTERNAL_ERROR, message: `${said} (forge-pat doctor helps to find out why)` },
        })
      }
    })
  }
  remote.onmessage = (message) => {
    const version = negotiatedVersion(message)
    if (version !== null) remote.setProtocolVersion(version)
    void local.send(message)
  }

  await remote.start()
  await local.start()
  await once(process.stdin, 'end')
  await remote.close()
  await local.close()
}

/** From the answer to `initialize` on, every request has to carry the version in a header. */
function negotiatedVersion(message: JSONRPCMessage): string | null {
  if (!('result' in message)) return null
  const { protocolVersion } = message.result as { protocolVersion?: unknown }
  return typeof protocolVersion === 'string' ? protocolVersion : null
}
