import { EXIT } from '../../forge/cli/command.ts'
import { CommandError } from '../command-error.ts'
import type { KnownInstance } from '../store/token-store.ts'
import { plain } from '../terminal.ts'

/** The instance that the person means, by its name or its address. @throws {CommandError} */
export function findInstance(instances: readonly KnownInstance[], wanted: string): KnownInstance {
  const said = normal(wanted)
  const found = instances.filter(({ name, url }) => normal(name) === said || normal(url) === said)
  if (found[0] && found.length === 1) return found[0]

  if (found.length > 1) {
    const addresses = found.map(({ url }) => url).join(', ')
    throw new CommandError(
      `${found.length} instances are called "${plain(wanted)}". Say one by its address: ${addresses}.`,
    )
  }
  const names = instances.map(({ name }) => plain(name)).join(', ')
  throw new CommandError(
    `The token does not reach an instance "${plain(wanted)}". ${names ? `It reaches: ${names}.` : 'It reaches none now.'}`,
    { exitCode: EXIT.found },
  )
}

const normal = (text: string) => text.trim().toLowerCase().replace(/\/+$/, '')
