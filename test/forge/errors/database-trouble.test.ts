import { ConnectionAcquireTimeoutError, ConnectionRefusedError, DatabaseError, TimeoutError } from 'sequelize'
import { describe, expect, it } from 'vitest'

import { databaseTrouble } from '../../../forge/errors/database-trouble.ts'

const driverError = (message: string, code?: string) => Object.assign(new Error(message), { code, sql: 'SELECT 1' })
const wrapped = (message: string, code?: string) => new DatabaseError(driverError(message, code))

describe('a database', () => {
  it.each([
    ['that hung up', wrapped('terminating connection due to administrator command', '57P01')],
    ['that hung up, as the driver says it', driverError('terminating connection', '57P01')],
    ['that crashed', wrapped('terminating connection because of crash of another server process', '57P02')],
    ['that is starting', wrapped('the database system is starting up', '57P03')],
    ['that has no connection left', wrapped('sorry, too many clients already', '53300')],
    ['whose connection ended under a query', wrapped('Connection terminated unexpectedly')],
    ['whose connection broke', wrapped('read ECONNRESET', 'ECONNRESET')],
    ['that nobody answers for', new ConnectionRefusedError(driverError('connect ECONNREFUSED', 'ECONNREFUSED'))],
    ['whose connections are all in use', new ConnectionAcquireTimeoutError(new Error('Operation timeout'))],
    ['that gave up on a statement', new TimeoutError(driverError('canceling statement', '57014'))],
    ['that ended a transaction which fell silent', wrapped('terminating connection', '25P03')],
    ['whose file cannot be read', wrapped('SQLITE_IOERR: disk I/O error', 'SQLITE_IOERR')],
  ])('%s does not answer', (_, error) => {
    expect(databaseTrouble(error)).toEqual({
      sentence: 'The database does not answer at this moment. Try again.',
      retryAfterSeconds: 1,
    })
  })

  it.each([
    ['53100', 'could not extend file'],
    ['SQLITE_FULL', 'SQLITE_FULL: database or disk is full'],
  ])('has no room left (%s), and changed nothing', (code, message) => {
    expect(databaseTrouble(wrapped(message, code))?.sentence).toContain('no room left, and nothing was changed')
  })

  it.each(['25006', 'SQLITE_READONLY'])('takes no changes (%s)', (code) => {
    expect(databaseTrouble(wrapped('read-only', code))?.sentence).toContain('takes no changes')
  })

  it('is in the way of two who write the same', () => {
    expect(databaseTrouble(wrapped('deadlock detected', '40P01'))?.sentence).toContain('Somebody else was changing')
  })
})

it.each([
  ['a statement that is wrong', wrapped('syntax error at or near', '42601')],
  ['a socket that has nothing to do with the database', driverError('connect ECONNREFUSED', 'ECONNREFUSED')],
  ['an error of our own', new TypeError('undefined is not a function')],
  ['nothing at all', undefined],
])('is not said of %s', (_, error) => {
  expect(databaseTrouble(error)).toBeNull()
})
