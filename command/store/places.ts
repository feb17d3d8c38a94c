import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

import type { Environment } from '../../forge/host/config-error.ts'

export const homeOf = (env: Environment): string => env['HOME'] || homedir()

/** Where the command keeps what it has to remember: never in a project. */
export function stateFolder(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const chosen = env['XDG_STATE_HOME'] ?? ''
  if (isAbsolute(chosen)) return join(chosen, 'forge-pat')

  const home = homeOf(env)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'forge-pat')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'forge-pat')
  return join(home, '.local', 'state', 'forge-pat')
}
