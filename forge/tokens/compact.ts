import type { Grant } from '../contract/grant.ts'
import type { Issued, KnownToken } from './facts.ts'
import type { Live } from './memory.ts'
import type { Parent } from './parents.ts'
import type { Share } from './shared-facts.ts'

/*
 * The same facts in the least room, for who holds a hundred thousand of them: one copy of what many have, and objects
 * that are written out field by field. Of an object that was spread together an engine may make a kind of its own, for
 * every single one, which takes more room than the facts. `Required`, so that no field is forgotten here.
 */

const NO_PARENTS: Parent[] = []

/** @param live what is held of its holder at an instance, if anything: the same ids stand there */
export function compactToken(token: KnownToken, live: Live | null, share: Share): KnownToken {
  const { id, name, userId, familyId, endsGrace, issued, secret, facts } = token
  const parents = token.parents.length === 0 ? NO_PARENTS : token.parents
  const { secretHash, prefilter, keyId } = secret
  return {
    id,
    name,
    userId: live?.user.id === userId ? live.user.id : userId,
    familyId: familyId === id ? id : familyId,
    endsGrace,
    issued: compactIssued(issued, share),
    secret: { secretHash, prefilter, keyId: share(`key ${keyId}`, keyId) },
    parents,
    facts: {
      role: facts.role,
      readOnly: facts.readOnly,
      tools: facts.tools,
      grants: compactGrants(facts.grants, live),
      createdAt: facts.createdAt,
      expiresAt: facts.expiresAt,
      revokedAt: facts.revokedAt,
      retiresAt: facts.retiresAt,
      parents,
    } satisfies Required<KnownToken['facts']>,
  } satisfies Required<KnownToken>
}

/** What came of no other token has little of its own. */
function compactIssued({ via, toId, parentId }: Issued, share: Share): Issued {
  const same = { via, toId, parentId }
  return parentId === null ? share(`issued ${via} ${toId ?? ''}`, same) : same
}

/** Made as long as it is: a list that has grown keeps room for more. */
function compactGrants(grants: readonly Grant[], live: Live | null): Grant[] {
  const known = live && { instance: live.instance.id, application: live.instance.applicationId, team: live.team.id }
  return Array.from(grants, ({ type, id }) => ({ type, id: known?.[type] === id ? known[type] : id }))
}

/** With the one copy that is held of what is not the token's own. */
export function compactLive(live: Live, share: Share): Live {
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
  } satisfies Required<Live>
}
