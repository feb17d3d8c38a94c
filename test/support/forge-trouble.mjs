/**
 * Loaded before a forge (`node --import`), so that a test can do to its process what it cannot do to the machine: let the
 * disk be full, move the clock. A message says what, and is answered when it is so.
 */
import sqlite3 from 'sqlite3'

const UNLIMITED_PAGES = 1_073_741_823

let hasRoom = true
const connections = new Set()
const { configure } = sqlite3.Database.prototype
// The forge configures each connection as it opens it, and opens one for each transaction.
sqlite3.Database.prototype.configure = function (...settings) {
  connections.add(this)
  if (!hasRoom) void limit(this)
  return configure.apply(this, settings)
}

/** SQLite refuses to let its file grow, with the error of a disk that is full. One page is as many as there are. */
function limit(db) {
  return new Promise((resolve) => void db.run(`PRAGMA max_page_count = ${hasRoom ? UNLIMITED_PAGES : 1}`, resolve))
}

let shiftMs = 0
const RealDate = Date
const movedNow = () => RealDate.now() + shiftMs
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [movedNow()] : args, self),
  apply: () => new RealDate(movedNow()).toString(),
  get: (target, name) => (name === 'now' ? movedNow : Reflect.get(target, name)),
})

process.on('message', async (message) => {
  if ('hasRoom' in message) {
    hasRoom = message.hasRoom
    await Promise.all([...connections].map(limit))
  }
  if ('shiftMs' in message) shiftMs = message.shiftMs
  process.send('done')
})
