import { readSidecarConfig, type SidecarConfig } from '../../flowfuse/config.ts'
import { ConfigError, type Environment } from '../../host/config-error.ts'
import { loadSecretKeys } from '../../host/secret-key.ts'
import { hint, ok, wrong, type Finding } from '../finding.ts'
import { checkDatabase } from './check-database.ts'
import { checkFlowFuse } from './check-flowfuse.ts'
import { checkMount } from './check-mount.ts'
import { checkOwnDatabase } from './check-own-database.ts'

/** What instances and hosts of FlowFuse run on. */
const NODE_NEEDED = [20, 19] as const

/** All that must be so for a forge-pat beside a FlowFuse. Changes nothing. @param now epoch ms */
export async function examineFlowFuse(env: Environment, now: () => number = Date.now): Promise<Finding[]> {
  const node = checkNode(process.versions.node)
  let config: SidecarConfig
  try {
    config = readSidecarConfig(env)
  } catch (error) {
    return [node, fromConfig(error)]
  }
  return [
    node,
    ok('The settings can be read.'),
    await checkKeys(config),
    ...(await checkOwnDatabase(config)),
    ...(await checkDatabase(config, now)),
    ...(await checkFlowFuse(config.flowfuseUrl, now)),
    ...(await checkMount(config)),
  ]
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor, neededMinor] = NODE_NEEDED
  const isEnough = major > neededMajor || (major === neededMajor && minor >= neededMinor)
  if (isEnough) return ok(`Node.js ${version} is new enough.`)
  return wrong(`Node.js ${version} is too old.`, `Take ${NODE_NEEDED.join('.')} or newer.`)
}

/** @throws what is no trouble with a setting */
function fromConfig(error: unknown): Finding {
  if (!(error instanceof ConfigError)) throw error
  return wrong(error.message, 'Correct it, then look again: npx forge-pat serve --help lists the settings.')
}

async function checkKeys(config: SidecarConfig): Promise<Finding> {
  try {
    await loadSecretKeys(config, { create: false })
    return ok('The server key is there.')
  } catch (error) {
    const finding = fromConfig(error)
    // The first start writes it beside the database.
    return config.secretKey === null ? hint(finding.says, 'forge-pat serve makes one at its first start.') : finding
  }
}
