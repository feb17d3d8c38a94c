import type { SignInList } from '../contract/targets.ts'
import { stateOf } from './present.ts'
import { grantsOf, teamsReached } from './record.ts'
import type { TokenStore } from './store.ts'
import { listTargets } from './wish.ts'

/**
 * Where the person has to sign in so that their tokens go on, and by when: one for each identity provider behind a team
 * that a live token of theirs reaches. What ends first comes first.
 */
export async function listSignIns(store: TokenStore, ownerId: string): Promise<SignInList> {
  const targets = await listTargets(store, ownerId)
  const now = Date.now()
  const rows = await store.models.Token.findAll({ where: { userId: ownerId, revokedAt: null }, include: 'grants' })
  const signIns = new Map<string, SignInList['signIns'][number]>()

  for (const row of rows.filter((each) => ['active', 'retiring'].includes(stateOf(each, now)))) {
    const teams = teamsReached({ targets, grants: grantsOf(row) })
    const counted = new Set<string>()
    for (const { sso } of teams) {
      if (!sso) continue
      const { provider, freshUntil } = sso
      const known = signIns.get(provider.id) ?? { provider, by: freshUntil, tokens: 0 }
      const tokens = known.tokens + (counted.has(provider.id) ? 0 : 1)
      counted.add(provider.id)
      signIns.set(provider.id, { provider, by: earlier(known.by, freshUntil), tokens })
    }
  }
  return { signIns: [...signIns.values()].sort((a, b) => (a.by ?? '').localeCompare(b.by ?? '')) }
}

/** Null is in the past already. */
function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null
  return a < b ? a : b
}
