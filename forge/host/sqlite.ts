import { Sequelize, Transaction, type TransactionOptions } from 'sequelize'
import sqlite3 from 'sqlite3'

/** How long a statement waits for another process that writes, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000

/**
 * A connection whose statements run one after the other. sqlite3 runs each statement on a thread of libuv's small pool;
 * side by side they would only wait there for the connection's own lock, and keep out the one that could end the wait.
 */
class SerialConnection extends sqlite3.Database {
  constructor(...args: ConstructorParameters<typeof sqlite3.Database>) {
    super(...args)
    this.configure('busyTimeout', BUSY_TIMEOUT_MS)
    this.serialize()
  }
}

type Work<T> = (transaction: Transaction) => PromiseLike<T>

/**
 * SQLite has one writer at a time. Transactions begin IMMEDIATE (a deferred one that reads first and writes later fails
 * when another wrote between), and those of this process queue here rather than on the threads of libuv.
 */
class SqliteDatabase extends Sequelize {
  #lastTransaction: Promise<unknown> = Promise.resolve()

  override transaction<T>(options: TransactionOptions, work: Work<T>): Promise<T>
  override transaction<T>(work: Work<T>): Promise<T>
  override transaction(options?: TransactionOptions): Promise<Transaction>
  override async transaction<T>(first?: TransactionOptions | Work<T>, second?: Work<T>): Promise<T | Transaction> {
    const [options, work] = typeof first === 'function' ? [{}, first] : [first ?? {}, second]
    if (!work) throw new TypeError('Give db.transaction() a function, so that the next one knows when it may begin.')
    if (options.transaction) return super.transaction(options, work)

    const turn = this.#lastTransaction.then(() => super.transaction(options, work))
    this.#lastTransaction = turn.catch(() => undefined)
    return turn
  }
}

/**
 * An SQLite file as a database; it and its folder are created when they do not exist.
 * @param storage path of the file
 */
export async function openSqlite(storage: string): Promise<Sequelize> {
  const db = new SqliteDatabase({
    dialect: 'sqlite',
    dialectModule: { ...sqlite3, Database: SerialConnection },
    storage,
    logging: false,
    transactionType: Transaction.TYPES.IMMEDIATE,
  })
  // Readers do not wait for the writer. The mode stays with the file; foreign keys are on by Sequelize's own doing.
  await db.query('PRAGMA journal_mode = WAL')
  return db
}
