/** PostgreSQL: a deadlock, a transaction that cannot be put in order with others. SQLite: another process writes. */
const CODES: readonly unknown[] = ['40P01', '40001', 'SQLITE_BUSY']

/** Whether the database gave up because two got in each other's way: nothing of it was written, and it can be tried again. */
export function isContention(error: unknown): boolean {
  const { original } = Object(error) as { original?: unknown }
  return CODES.includes((Object(original) as { code?: unknown }).code)
}
