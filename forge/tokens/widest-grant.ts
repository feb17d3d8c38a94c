import { GRANT_TYPES, type Grant } from '../contract/grant.ts'

/** A grant in one word, as a token notes the widest of its own. */
export const keyOfGrant = ({ type, id }: Grant): string => `${type} ${id}`

/** The one of a token's grants that reaches furthest; of several alike any will do, here the first. */
export const widestOf = (grants: readonly Grant[]): Grant | undefined =>
  GRANT_TYPES.flatMap((type) => grants.find((grant) => grant.type === type) ?? [])[0]

/** What a token notes of its grants. */
export function keyOfWidest(grants: readonly Grant[]): string | null {
  const widest = widestOf(grants)
  return widest ? keyOfGrant(widest) : null
}
