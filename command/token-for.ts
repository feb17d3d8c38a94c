import { EXIT } from '../forge/cli/command.ts'
import { askWhoAmI } from './ask-forge.ts'
import { CommandError } from './command-error.ts'
import type { Fetch } from './http.ts'
import type { StoredToken, TokenStore } from './store/token-store.ts'

/** Whether an address lies within an instance. */
export function isWithin(address: string, instance: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(instance)) return false
  const [inner, outer] = [new URL(address), new URL(instance)]
  const folder = outer.pathname.replace(/\/*$/, '/')
  return inner.origin === outer.origin && `${inner.pathname}/`.startsWith(folder)
}

/**
 * The text of a token for a server, only where the server belongs to an instance that the token reaches: the config
 * file that names the server may be somebody else's, in a project that was cloned from anywhere.
 * @throws {CommandError}
 */
export async function tokenTextFor(
  server: string,
  tokens: readonly StoredToken[],
  { store, fetch }: { store: TokenStore; fetch: () => Promise<Fetch> },
): Promise<string> {
  const reaching = ({ instances }: StoredToken) => instances.some(({ url }) => isWithin(server, url))
  const known = tokens.find(reaching)
  if (known) return store.textOf(known)

  // Its reach may have grown since it was stored.
  for (const token of tokens) {
    const text = await store.textOf(token)
    const fresh = await refreshed(token, text, await fetch())
    store.update(fresh)
    if (reaching(fresh)) return text
  }
  throw new CommandError(`No token that is kept here reaches ${describeServer(server)}, so it gets none.`, {
    exitCode: EXIT.found,
  })
}

async function refreshed(token: StoredToken, text: string, fetch: Fetch): Promise<StoredToken> {
  const answer = await askWhoAmI(token.forge, text, fetch)
  if (answer.state === 'refused') return token
  return { ...token, instances: answer.who.instances.map(({ name, url }) => ({ name, url })) }
}

function describeServer(server: string): string {
  return URL.canParse(server) ? new URL(server).href : 'that server'
}
