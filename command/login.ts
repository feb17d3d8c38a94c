import { EXIT, type Command, type Terminal, type Values } from '../forge/cli/command.ts'
import { forgeFrom } from './choose-token.ts'
import { CommandError } from './command-error.ts'
import { discover } from './discovery.ts'
import { createFetch } from './http.ts'
import { announce, signIn, type SignedIn } from './sign-in.ts'
import { openTokenStore, type TokenStore, type Wishes } from './store/token-store.ts'
import { plain } from './terminal.ts'

/** RFC 8628. Opens no browser: it may be on another machine, and a person who started nothing should notice. */
export const login: Command = {
  name: 'login',
  help: `Prints a code and an address, also as a QR code. In a browser, on this machine or any other, you sign in to the forge,
compare the code, choose what the token reaches and approve it. The token goes to the keychain of your system, or
else to a file that only you can read. It is never printed.

Options:
  --forge <url>            the forge, with its path if it has one; otherwise FORGE_URL, or that of the last sign-in
  --read-only              ask for a token that only reads
  --resource <url>         ask for this instance; may be given several times. You can narrow it when you approve
  --json                   print what happens as JSON, one object a line: first the code, then the token's name
  -h, --help               print this

HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured; NODE_EXTRA_CA_CERTS names authorities of your own.

Exit codes: 0 the token is stored, 1 it was denied or the code expired, 2 trouble, 130 interrupted (nothing is left).`,
  options: {
    forge: { type: 'string' },
    'read-only': { type: 'boolean' },
    resource: { type: 'string', multiple: true },
  },

  async run(values, terminal) {
    const fetch = await createFetch(terminal.env)
    const store = openTokenStore(terminal.env)
    const endpoints = await discover(forgeToUse(values, terminal, store), fetch)

    const json = values['json'] === true
    const signedIn = await signIn({ endpoints, wishes: wishesIn(values), fetch, store }, announce(terminal, json))
    terminal.print(json ? JSON.stringify({ event: 'stored', ...summaryOf(signedIn) }) : describe(signedIn))
    return EXIT.ok
  },
}

function forgeToUse(values: Values, { env }: Terminal, store: TokenStore): string {
  const forge = forgeFrom(values, env) ?? store.list()[0]?.forge
  if (forge !== undefined) return forge
  throw new CommandError('Which forge? Say --forge <url>, the address at which you sign in to it.')
}

function wishesIn(values: Values): Wishes {
  const resources = Array.isArray(values['resource']) ? values['resource'].map(String) : []
  for (const resource of resources) {
    if (!URL.canParse(resource)) throw new CommandError('A --resource is the address of an instance.')
  }
  return { scope: values['read-only'] === true ? 'mcp:read' : 'mcp:read mcp:write', resources }
}

function summaryOf({ who: { user, token, instances }, keptIn }: SignedIn) {
  return {
    username: user.username,
    token: { ...token },
    instances: instances.map(({ name, url }) => ({ name, url })),
    keptIn,
  }
}

export function describe({ who: { user, token, instances }, keptIn }: SignedIn): string {
  const reach = instances.map(({ name }) => plain(name)).join(', ')
  return [
    `Signed in as ${plain(user.username)} with the token "${plain(token.name)}" (${token.role}${token.readOnly ? ', read-only' : ''}).`,
    `It reaches ${reach || 'no instance yet'}, and ${token.expiresAt ? `ends ${token.expiresAt.slice(0, 10)}` : 'does not end'}.`,
    `It is kept in ${keptIn}.`,
    ...(instances[0] ? [`Next: forge-pat connect claude-code --instance "${plain(instances[0].name)}"`] : []),
  ].join('\n')
}
