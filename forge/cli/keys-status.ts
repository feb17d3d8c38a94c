import { readConfig } from '../host/config.ts'
import { loadSecretKeys } from '../host/secret-key.ts'
import type { SecretKeys } from '../keys.ts'
import { EXIT, type Command } from './command.ts'
import { countByKey, NONE, type KeyUsage } from './key-usage.ts'
import { withReadOnlyDatabase } from './read-only-database.ts'

/** `unknown`: no variable holds the key, so what it made is refused. */
type KeyState = 'current' | 'old' | 'unknown'

interface KeyStatus extends KeyUsage {
  state: KeyState
  /** Whether dropping the key would end something that works today. */
  needed: boolean
}

/** Needs no running forge, and writes nothing. */
export const keysStatus: Command = {
  name: 'keys status',
  help: `Counts tokens, instance credentials, identity providers, SCIM tokens and audit rows, key by key. Tokens and
credentials move to the current key when they are next used, the secrets of identity providers when the forge starts;
audit rows stay, and are verified under the key that made them. Reads DATABASE_URL, FORGE_SECRET_KEY and
FORGE_SECRET_KEYS_OLD as the forge does, needs no running forge, and writes nothing.

Options:
  --json                   print the counts as JSON
  -h, --help               print this

Exit codes: 0 nothing live is left under an old key, 1 something is, 2 it could not be counted.`,
  options: {},

  async run(values, { env, print }) {
    const config = readConfig(env)
    const keys = await withReadOnlyDatabase(config.databaseUrl, async (db) => {
      const secretKeys = await loadSecretKeys(config, { create: false })
      return statusOf(secretKeys, await countByKey(db, new Date()))
    })

    print(values['json'] === true ? JSON.stringify({ keys }) : keys.map(describe).join('\n'))
    return keys.some(({ state, needed }) => state !== 'current' && needed) ? EXIT.found : EXIT.ok
  },
}

/** Every key that is configured, used or not, and every other that rows name. The current one comes first. */
function statusOf(secretKeys: SecretKeys, usages: KeyUsage[]): KeyStatus[] {
  const stateOf = (keyId: string | null): KeyState => {
    if (keyId === secretKeys.id) return 'current'
    return secretKeys.previous.some(({ id }) => id === keyId) ? 'old' : 'unknown'
  }
  const configured = [secretKeys, ...secretKeys.previous].map(({ id }) => id)
  const unused = configured.filter((id) => !usages.some(({ keyId }) => keyId === id)).map(unusedKey)

  const order: KeyState[] = ['current', 'old', 'unknown']
  return [...usages, ...unused]
    .map((usage) => ({
      ...usage,
      state: stateOf(usage.keyId),
      needed: usage.liveTokens + usage.credentials + usage.providers + usage.scimTokens > 0,
    }))
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
}

function unusedKey(keyId: string): KeyUsage {
  return { keyId, ...NONE }
}

function describe({ keyId, state, needed, ...counts }: KeyStatus): string {
  const { liveTokens, endedTokens, credentials, providers, scimTokens, auditEntries, auditCheckpoints } = counts
  return [
    `${keyId === null ? 'No key written down' : `Key ${keyId}`} (${state}): ` +
      `${liveTokens} live and ${endedTokens} ended tokens, ${credentials} instance credentials, ` +
      `${providers} identity providers, ${scimTokens} SCIM tokens, ${auditEntries} audit entries, ${auditCheckpoints} checkpoints.`,
    ...adviceOn(keyId, state, needed, auditEntries + auditCheckpoints > 0),
  ].join('\n')
}

function adviceOn(keyId: string | null, state: KeyState, needed: boolean, audited: boolean): string[] {
  if (state === 'current') return []
  if (keyId === null) return ['  The next use of each credential writes down its key.']
  if (state === 'unknown') {
    return ['  No variable holds this key: what it made is refused, and its audit rows cannot be verified.']
  }
  if (needed) return ['  Still needed: without it what is live under it stops working.']
  return audited
    ? ['  The forge needs it no more. Keep it for `forge-pat audit verify`.']
    : ['  Nothing needs it any more. It can be dropped.']
}
