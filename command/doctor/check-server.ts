import { adviceIn } from '../ask-forge.ts'
import { CommandError } from '../command-error.ts'
import type { Fetch } from '../http.ts'
import { ok, wrong, type Finding } from '../../forge/cli/finding.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'forge-pat-doctor', version: '1' } },
}

/** Whether an MCP server takes the token: what a client does first, and no more. */
export async function checkServer(url: string, text: string, fetch: Fetch): Promise<Finding> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${text}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(INITIALIZE),
    })
    if (response.ok) {
      await response.body?.cancel()
      return ok(`The server at ${url} takes the token.`)
    }
    return await judge(url, response)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return wrong(`The server at ${url} can't be reached. ${error.message}`, 'Is the instance running?')
  }
}

async function judge(url: string, response: Response): Promise<Finding> {
  switch (response.status) {
    case 401:
      return wrong(`The server at ${url} refuses the token: ${await adviceIn(response)}`, 'See forge-pat whoami.')
    case 403:
      return wrong(
        `The token is not enough for the server at ${url}: ${await adviceIn(response)}`,
        'Ask for more with forge-pat login, or for a higher role in the team.',
      )
    case 404:
      return wrong(`Nothing is served at ${url}.`, 'Is the path right? forge-pat connect takes --path.')
    default:
      return wrong(`The server at ${url} answers ${response.status}.`, 'Ask those who run the instance.')
  }
}
