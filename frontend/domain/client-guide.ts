import { CLIENTS } from '../../clients/all.ts'
import { configFor, configWithToken, type McpClient, type Platform } from '../../clients/client.ts'
import { TOKEN_VARIABLE, type McpServer } from '../../clients/mcp-server.ts'
import { n8nNodes } from '../../clients/n8n.ts'
import { proofCommand, scriptFor, secretCommand } from '../../clients/shell.ts'
import { t } from '../messages/messages.ts'

export interface GuideWish {
  /** One of CLIENT_CHOICES. */
  clientId: string
  servers: readonly McpServer[]
  platform: Platform
  /** Whether it is for one project, where the client has such a file. */
  inProject: boolean
  /** The token, to be written into the file; null for a reference to it. */
  token: string | null
}

/** What a person does to connect a client, in this order. */
export interface Guide {
  /** Puts the token into its variable; null where the client does not read it from there. */
  variable: string | null
  /** How the client comes by the token. */
  secret: string
  file: string
  text: string
  /** Whether there is a choice between a file of the project and one of the person. */
  hasProjectFile: boolean
  /** Whether the client takes the token itself in its file. */
  takesToken: boolean
  /** Whether the file may hold other things already. */
  merges: boolean
  ignore: string
  proofs: { server: string; command: string }[]
}

export const PLATFORMS: readonly Platform[] = ['darwin', 'linux', 'win32']

/** The system that somebody sits at, as far as their browser tells. */
export function platformOf(hint: string): Platform {
  if (/mac|iphone|ipad/i.test(hint)) return 'darwin'
  return /win/i.test(hint) ? 'win32' : 'linux'
}

/** Pure: everything that is shown to connect one client. */
export function guideFor(wish: GuideWish): Guide {
  const { clientId, servers, platform } = wish
  const proofs = servers.map((server) => ({ server: server.name, command: proofCommand(server, platform) }))
  const none = { hasProjectFile: false, takesToken: false, merges: false, ignore: '.env', proofs }
  const variable = secretCommand(platform)

  if (clientId === 'n8n') {
    return { ...none, variable: null, secret: t.config.n8nSecret, file: t.config.n8nFile, text: n8nNodes(servers) }
  }
  const client = CLIENTS.find(({ id }) => id === clientId)
  if (!client) {
    const text = scriptFor(servers, platform)
    return { ...none, variable, secret: t.config.scriptSecret, file: t.config.scriptFile, text }
  }
  return { ...none, ...guideForFile(client, wish), variable: readsVariable(client) ? variable : null }
}

function guideForFile(client: McpClient, { servers, platform, inProject, token }: GuideWish) {
  const written = token === null ? null : configWithToken(client, servers, token)
  const file = inProject && client.projectFile !== null ? client.projectFile : fileFor(client, platform)
  return {
    secret: client.secret,
    text: (written ?? configFor(client, servers)).text,
    file,
    hasProjectFile: client.projectFile !== null,
    takesToken: configWithToken(client, servers, '') !== null,
    merges: true,
    ignore: written && client.projectFile !== null ? client.projectFile : '.env',
  }
}

/** Windows writes its paths with backslashes. */
function fileFor({ userFile }: McpClient, platform: Platform): string {
  const file = userFile[platform]
  return platform === 'win32' ? file.replace('~', '%USERPROFILE%').replaceAll('/', '\\') : file
}

const readsVariable = ({ secret }: McpClient): boolean => secret.includes(TOKEN_VARIABLE)
