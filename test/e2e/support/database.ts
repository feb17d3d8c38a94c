import { join } from 'node:path'

import sqlite3 from 'sqlite3'

const BUSY_MS = 10_000

/** Writes into the database of the forge that the journeys run against: time passes there at no one's word. */
export async function writeToForge(statement: string): Promise<void> {
  const file = join(String(process.env['E2E_FOLDER']), 'forge.db')
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve())
    const db = new sqlite3.Database(file, sqlite3.OPEN_READWRITE)
    db.configure('busyTimeout', BUSY_MS)
    db.run(statement, (error) => db.close((closing) => done(error ?? closing)))
  })
}
