import type { PersonActor } from '../audit/actor.ts'
import { ownLog } from '../audit/entry.ts'
import type { AuditBodies } from '../contract/audit-events.ts'
import { BUILT_IN_CLIENT } from '../contract/oauth.ts'
import type { ApproveDevice, DeviceRequest } from '../contract/device.ts'
import { ForgeError } from '../errors/forge-error.ts'
import type { TokenStore } from '../tokens/store.ts'
import { checkWish, listTargets } from '../tokens/wish.ts'
import { isDocumentAddress } from './client-documents.ts'
import { countCodeEntry } from './code-entries.ts'
import { showUserCode, type DeviceCode, type DeviceCodes, type StateChange } from './device-codes.ts'
import { instanceAt } from './resource.ts'
import { withinTeam } from './within-team.ts'

export interface DeviceDesk {
  store: TokenStore
  codes: DeviceCodes
}

/** What waits behind a code. @throws {ForgeError} not_found, too_many_requests */
export async function showDeviceRequest(
  desk: DeviceDesk,
  actor: PersonActor,
  userCode: string,
): Promise<DeviceRequest> {
  const code = await enter(desk, actor, userCode)
  const targets = withinTeam(await listTargets(desk.store, actor.userId, actor.providerId), code.clientTeamId)

  return {
    userCode: showUserCode(userCode),
    client: { id: code.clientId, name: code.clientName, kind: kindOf(code), teamId: code.clientTeamId },
    address: code.address,
    askedAt: new Date(code.createdAt).toISOString(),
    expiresAt: new Date(code.expiresAt).toISOString(),
    readOnly: code.readOnly,
    resources: code.resources.map((url) => ({ url, instanceId: instanceAt(targets, url)?.id ?? null })),
  }
}

function kindOf({ clientId }: DeviceCode): DeviceRequest['client']['kind'] {
  if (clientId === BUILT_IN_CLIENT.id) return 'built-in'
  return isDocumentAddress(clientId) ? 'document' : 'team'
}

/**
 * Lets the program have a token, of which only the wish is kept. It is checked as for minting, and once more when the
 * program comes for it.
 * @throws {ForgeError} not_found (the code, or a grant), too_many_requests, and what `checkWish` throws
 */
export async function approveDevice(
  desk: DeviceDesk,
  actor: PersonActor,
  { userCode, ...token }: ApproveDevice,
): Promise<void> {
  const { store } = desk
  const code = await enter(desk, actor, userCode)
  const targets = withinTeam(await listTargets(store, actor.userId, actor.providerId), code.clientTeamId)
  const expiresAt = token.expiresAt === null ? null : new Date(token.expiresAt)
  checkWish(targets, { ...token, tools: token.tools ?? null, expiresAt }, Date.now())

  const { role, readOnly, grants } = token
  const body = { client: clientOf(code), address: code.address, role, readOnly, grants }
  await decide(desk, code, { actor, event: { event: 'user.device.approved', body }, approval: { actor, token } })
}

/** Sends the program away. @throws {ForgeError} not_found, too_many_requests */
export async function denyDevice(desk: DeviceDesk, actor: PersonActor, userCode: string): Promise<void> {
  const code = await enter(desk, actor, userCode)
  const body = { client: clientOf(code), address: code.address }
  await decide(desk, code, { actor, event: { event: 'user.device.denied', body } })
}

const clientOf = ({ clientId, clientName }: DeviceCode) => ({ id: clientId, name: clientName })

const noSuchCode = () =>
  new ForgeError('not_found', 'No program waits with this code. Look at the code again, or begin anew there.')

/** Looking and deciding take the code alike, so each of them is a guess that counts. */
async function enter({ store, codes }: DeviceDesk, actor: PersonActor, userCode: string): Promise<DeviceCode> {
  const now = new Date()
  await countCodeEntry(store.db, actor.userId, now)
  const code = await codes.findByUser(userCode, now)
  if (!code) throw noSuchCode()
  return code
}

type Event =
  | { event: 'user.device.approved'; body: AuditBodies['user.device.approved'] }
  | { event: 'user.device.denied'; body: AuditBodies['user.device.denied'] }

/** Of two who decide at once one does. */
async function decide(
  { store, codes }: DeviceDesk,
  { id }: DeviceCode,
  { actor, event, approval }: { actor: PersonActor; event: Event } & Pick<StateChange, 'approval'>,
): Promise<void> {
  const to = approval ? 'approved' : 'denied'
  await store.db.transaction(async (transaction) => {
    const change = { from: 'pending', to, now: new Date(), ...(approval ? { approval } : {}) } as const
    if (!(await codes.move(id, change, transaction))) throw noSuchCode()

    const scopes = [ownLog({ id: actor.userId, username: actor.username })] as const
    await store.audit.write({ ...event, actor, scopes }, transaction)
  })
}
