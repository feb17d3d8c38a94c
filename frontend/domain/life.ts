import type { EndReason, Token, Use } from '@contract/token.ts'

import { t } from '../messages/messages.ts'
import { formatMoment, formatRelative } from './dates.ts'

/** Whether a token still works: one that is being replaced does, until its grace ends. */
export const isLive = ({ state }: Pick<Token, 'state'>): boolean => state === 'active' || state === 'retiring'

/** What to call a token where another one has its name: the one that it replaced, or that replaced it. */
export const callName = ({ name, rotation }: Pick<Token, 'name' | 'rotation'>): string =>
  rotation.replacedBy === null ? name : t.lifeWords.old(name)

export const END_REASONS: Record<EndReason, string> = {
  by_owner: t.lifeWords.youRevokedIt,
  by_team: t.lifeWords.anOwnerOfThe,
  family_revoked: t.lifeWords.youRevokedItTogether,
  by_client: t.lifeWords.theProgramThatUsed,
  leaked: t.lifeWords.itWasRevokedBecause,
  owner_deleted: t.lifeWords.itEndedWithThe,
  nothing_left_to_reach: t.lifeWords.everythingThatItReached,
}

/** The end of a token in its grace; null when only the first use of the new one ends it. ISO 8601 */
export function graceEnd({ expiresAt, rotation: { retiresAt } }: Pick<Token, 'expiresAt' | 'rotation'>): string | null {
  const ends = [retiresAt, expiresAt].filter((end) => end !== null)
  return ends.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null
}

/** What ended it or will: a token that was replaced ended with its grace, not with its own expiry. */
export function endOf(token: Token): { word: string; at: string | null } {
  const { expires, expired, revoked, replaced } = t.token.ends
  if (token.revokedAt !== null) return { word: revoked, at: token.revokedAt }
  if (token.state === 'retired') return { word: replaced, at: token.rotation.retiresAt }
  return { word: token.state === 'expired' ? expired : expires, at: token.expiresAt }
}

/** Where, and by what as far as it is known: "at packer by claude-code 2.1". */
export function describePlace({ instanceName, client }: Pick<Use, 'instanceName' | 'client'>): string {
  const place = instanceName ?? t.lifeWords.anInstanceThatIs
  return client === null ? t.lifeWords.at(place) : t.lifeWords.atBy(place, client)
}

/** "2 hours ago (23 Nov 2026, 10:00) at packer by claude-code 2.1". @param now epoch ms */
function describeUse(use: Use, now: number): string {
  const at = new Date(use.at)
  return t.lifeWords.use(formatRelative(at, now), formatMoment(at), describePlace(use))
}

/** Which of two tokens with the same name is still in use: what tells whether the old one can go. @param now epoch ms */
export function compareUses(old: Token, successor: Token | undefined, now: number): string {
  const newUse = successor?.lastUse ?? null
  if (old.lastUse === null && newUse === null) return t.lifeWords.neitherOfTheTwo

  const oldIsLatest = newUse === null || (old.lastUse !== null && Date.parse(old.lastUse.at) > Date.parse(newUse.at))
  const latest = oldIsLatest ? old.lastUse : newUse
  if (latest === null) return ''
  return (oldIsLatest ? t.lifeWords.usedLastOld : t.lifeWords.usedLastNew)(describeUse(latest, now))
}
