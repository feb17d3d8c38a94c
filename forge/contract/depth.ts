/** Deeper than any schema or argument that somebody wrote; what is deeper would overflow the stack of whoever reads it. */
const MAX_DEPTH = 64

/** Whether JSON nests deeper than anything that makes sense. Does not recurse itself. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value]

  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((each): unknown[] => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return false
}
