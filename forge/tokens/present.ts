import { clockFor } from '../access/rules.ts'
import { knownRole } from '../contract/role.ts'
import type { Alarm, Token, TokenState, Use } from '../contract/token.ts'
import type { Directory, TargetNames } from '../directory/directory.ts'
import type { TokenRow } from './model.ts'
import { toolsOf } from './record.ts'

/** Everything that a token's record shows beside its own row. */
export const TOKEN_DETAILS = [
  { association: 'grants', separate: true },
  { association: 'approvals', separate: true },
  { association: 'predecessor', attributes: ['id'] },
]

/** Rows as their owner sees them. @param now epoch ms */
export async function presentTokens(directory: Directory, rows: TokenRow[], now: number): Promise<Token[]> {
  const names = await namesFor(directory, rows)
  return rows.map((row) => present(row, names, now))
}

function namesFor(directory: Directory, rows: TokenRow[]): Promise<TargetNames> {
  const grants = rows.flatMap((row) => row.grants ?? [])
  const idsOf = (type: string) => grants.filter((grant) => grant.type === type).map((grant) => grant.targetId)
  const seen = rows.flatMap(({ lastUsedInstanceId, alarmInstanceId }) => [lastUsedInstanceId, alarmInstanceId])
  const asked = rows.flatMap((row) => row.approvals ?? []).map(({ teamId }) => teamId)

  return directory.names({
    instances: unique([...idsOf('instance'), ...seen.filter((id) => id !== null)]),
    applications: unique(idsOf('application')),
    teams: unique([...idsOf('team'), ...asked]),
  })
}

const unique = (ids: string[]) => [...new Set(ids)]

function present(row: TokenRow, names: TargetNames, now: number): Token {
  const nameOf = { instance: names.instances, application: names.applications, team: names.teams }

  const instanceName = (id: string | null) => (id === null ? null : (names.instances.get(id) ?? null))

  return {
    id: row.id,
    selector: row.selector,
    name: row.name,
    description: row.description,
    role: knownRole(row.roleLevel),
    readOnly: row.readOnly,
    tools: toolsOf(row),
    grants: (row.grants ?? []).map(({ type, targetId }) => ({
      type,
      id: targetId,
      name: nameOf[type].get(targetId) ?? null,
    })),
    state: stateOf(row, now),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    endReason: row.endReason,
    rotation: {
      replaces: row.predecessor?.id ?? null,
      replacedBy: row.replacedById,
      retiresAt: row.retiresAt?.toISOString() ?? null,
      retiresOnFirstUse: row.retiresOnFirstUse,
    },
    approvals: (row.approvals ?? []).map(({ teamId, state }) => ({
      teamId,
      teamName: names.teams.get(teamId) ?? null,
      state,
    })),
    lastUse: lastUseOf(row, instanceName),
    issuedVia: row.issuedVia,
    issuedTo: row.issuedToId === null ? null : { id: row.issuedToId, name: row.issuedToName ?? row.issuedToId },
    parentId: row.parentId,
    alarm: alarmOf(row, instanceName),
  }
}

type NameOf = (instanceId: string | null) => string | null

function lastUseOf(row: TokenRow, nameOf: NameOf): Use | null {
  const { lastUsedAt: at, lastUsedInstanceId: instanceId, lastUsedClient: client, lastUsedAddress: address } = row
  if (!at || !instanceId) return null
  return { at: at.toISOString(), instanceId, instanceName: nameOf(instanceId), client, address }
}

function alarmOf(
  { alarmAt: at, alarmInstanceId: instanceId, alarmClient: client }: TokenRow,
  nameOf: NameOf,
): Alarm | null {
  if (!at) return null
  return { at: at.toISOString(), instanceId, instanceName: nameOf(instanceId), client, address: null }
}

/** Whether a token still works, and if not, why. The end that came first counts. @param now epoch ms */
export function stateOf(
  row: Pick<TokenRow, 'revokedAt' | 'expiresAt' | 'replacedById' | 'retiresAt' | 'endNoted'>,
  now: number,
): TokenState {
  if (row.revokedAt) return 'revoked'
  const clock = clockFor(row, now)
  if (row.retiresAt && row.retiresAt.getTime() <= clock) return 'retired'
  if (row.expiresAt && row.expiresAt.getTime() <= clock) return 'expired'
  return row.replacedById ? 'retiring' : 'active'
}
