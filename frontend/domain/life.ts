import type { Token } from '@contract/token.ts'

/** Whether a token still works: one that is being replaced does, until its grace ends. */
export const isLive = ({ state }: Pick<Token, 'state'>): boolean => state === 'active' || state === 'retiring'
