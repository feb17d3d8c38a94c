import type { Token } from '@contract/token.ts'

import { DAY_MS } from './dates.ts'
import { isLive } from './life.ts'

/** What a card of the list stands for. */
export type TokenGroup = 'active' | 'expiring' | 'unused' | 'ended' | 'exchanged'
export type TokenSort = 'newest' | 'ends' | 'used' | 'name' | 'health'

export const GROUPS: readonly TokenGroup[] = ['active', 'expiring', 'unused', 'ended', 'exchanged']
export const SORTS: readonly TokenSort[] = ['newest', 'ends', 'used', 'name', 'health']

/** What is looked at, as the address has it. */
export type ListFilters = Record<'show' | 'query' | 'sort', string>
export const NO_LIST_FILTERS: ListFilters = { show: 'active', query: '', sort: 'newest' }

const EXPIRING_DAYS = 14
const UNUSED_DAYS = 30

const time = (iso: string | null): number => (iso === null ? Infinity : Date.parse(iso))

/** Whether it works and ends within two weeks. @param now epoch ms */
export const isExpiring = (token: Pick<Token, 'state' | 'expiresAt'>, now: number): boolean =>
  isLive(token) && time(token.expiresAt) - now < EXPIRING_DAYS * DAY_MS

/** Whether it works and nobody has used it for 30 days; a new one has had no chance yet. @param now epoch ms */
const isUnused = (token: Pick<Token, 'state' | 'lastUse' | 'createdAt'>, now: number): boolean =>
  isLive(token) && now - time(token.lastUse?.at ?? token.createdAt) >= UNUSED_DAYS * DAY_MS

const BELONGS: Record<Exclude<TokenGroup, 'exchanged'>, (token: Token, now: number) => boolean> = {
  active: (token) => isLive(token),
  expiring: isExpiring,
  unused: isUnused,
  ended: (token) => !isLive(token),
}

/**
 * The tokens of each card; one may be in several. Those that instances exchange for last for minutes and come by the
 * hundred: they have a card of their own, and are in no other.
 */
export function groupTokens(tokens: readonly Token[], now: number): Record<TokenGroup, Token[]> {
  const own = tokens.filter(({ issuedVia }) => issuedVia !== 'exchange')
  const group = (name: keyof typeof BELONGS) => own.filter((token) => BELONGS[name](token, now))
  return {
    active: group('active'),
    expiring: group('expiring'),
    unused: group('unused'),
    ended: group('ended'),
    exchanged: tokens.filter(({ issuedVia }) => issuedVia === 'exchange'),
  }
}

/** What an address that somebody edited by hand can be understood as. */
export const groupOf = (value: string): TokenGroup => GROUPS.find((group) => group === value) ?? 'active'
export const sortOf = (value: string): TokenSort => SORTS.find((sort) => sort === value) ?? 'newest'

/** A token that somebody pasted to find out which it is. Its secret must not get into the address. */
export const withoutSecret = (text: string): string => text.replace(/(ffpat_[0-9A-Za-z]{12})_.*/, '$1')

/** Those in whose name, description, reach, last client or public part the text is. */
export function searchTokens(tokens: readonly Token[], text: string): Token[] {
  const wanted = text.trim().toLocaleLowerCase()
  if (wanted === '') return [...tokens]

  return tokens.filter((token) => {
    const names = token.grants.map(({ name }) => name ?? '')
    const words = [token.name, token.description, ...names, token.lastUse?.client ?? '', `ffpat_${token.selector}_`]
    return words.some((each) => each.toLocaleLowerCase().includes(wanted))
  })
}

/** @param healthOf 0 to 100; asked only where it decides the order */
export function sortTokens(tokens: readonly Token[], sort: TokenSort, healthOf: (token: Token) => number): Token[] {
  const compare: Record<TokenSort, (a: Token, b: Token) => number> = {
    newest: (a, b) => time(b.createdAt) - time(a.createdAt),
    // Two that never end are equal: infinity less infinity is no number.
    ends: (a, b) => Math.min(time(a.expiresAt), Number.MAX_VALUE) - Math.min(time(b.expiresAt), Number.MAX_VALUE),
    used: (a, b) => usedAt(b) - usedAt(a),
    name: (a, b) => a.name.localeCompare(b.name),
    health: (a, b) => healthOf(a) - healthOf(b),
  }
  return [...tokens].sort(compare[sort])
}

const usedAt = ({ lastUse }: Token): number => (lastUse === null ? 0 : Date.parse(lastUse.at))
