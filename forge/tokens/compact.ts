import type { Grant } from '../contract/grant.ts'
import type { Issued, KnownToken } from './facts.ts'
import type { HeldLive } from './held-tokens.ts'
import type { Live } from './memory.ts'
import type { Parent } from './parents.ts'
import type { Share } from './shared-facts.ts'

/*
 * The same facts in the least room, for who holds a hundred thousand of them: one copy of what many have, and objects
 * that are written out field by field. Of an object that was spread together an engine may make a kind of its own, for
 * every single one, which takes more room than the facts. `Required`, so that no field is forgotten here.
 */

const NO_PARENTS: Parent[] = []

/** @param live what is held of its holder, if anything: the same id stands there */
export function compactToken(token: KnownToken, live: Live | null, share: Share): KnownToken {
  const { id, name, userId, familyId, endsGrace, issued, keyId, facts } = token
  const parents = token.parents.length === 0 ? NO_PARENTS : token.parents
  return {
    id,
    name,
    userId: live?.user.id === userId ? live.user.id : userId,
    familyId: familyId === id ? id : familyId,
    endsGrace,
    issued: compactIssued(issued, share),
    secretHash: token.secretHash,
    prefilter: token.prefilter,
    keyId: share(`key ${keyId}`, keyId),
    parents,
    facts: {
      role: facts.role,
      readOnly: facts.readOnly,
      tools: facts.tools,
      grants: compactGrants(facts.grants, share),
      createdAt: facts.createdAt,
      expiresAt: facts.expiresAt,
      revokedAt: facts.revokedAt,
      retiresAt: facts.retiresAt,
      endNoted: facts.endNoted,
      parents,
    } satisfies Required<KnownToken['facts']>,
  } satisfies Required<KnownToken>
}

/** What came of no other token has little of its own. */
function compactIssued({ via, toId, parentId }: Issued, share: Share): Issued {
  const same = { via, toId, parentId }
  return parentId === null ? share(`issued ${via} ${toId ?? ''}`, same) : same
}

/** Most have one, and many the same one. Of more the list is made as long as it is: one that has grown has room left. */
function compactGrants(grants: readonly Grant[], share: Share): Grant[] {
  const own = grants.map(({ type, id }) => ({ type, id }))
  const [only] = own
  return only && own.length === 1 ? share(`${only.type} alone ${only.id}`, own) : own
}

/** @param mark when they were read (`Ledger`) */
export function compactLive(live: Live, mark: number, share: Share): HeldLive {
  const { user, team, instance, sso = null } = live
  return {
    user: share(`user ${user.id}`, user),
    team: share(`team ${team.id}`, team),
    instance: share(`instance ${instance.id}`, instance),
    teamRoleLevel: live.teamRoleLevel,
    roleSince: live.roleSince,
    overrideLevel: live.overrideLevel,
    sso: sso && share(`sso ${user.id} ${team.id}`, sso),
    policy: share(`policy ${team.id}`, live.policy),
    approved: live.approved,
    cutOff: live.cutOff,
    mark,
  } satisfies Required<HeldLive>
}
