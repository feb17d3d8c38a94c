import { connect, createServer, type AddressInfo } from 'node:net'

import { expect, it, onTestFinished } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { createPostgresDatabase, hasPostgres } from '../../support/postgres.ts'

const READY = Buffer.from('Z\0\0\0\x05I', 'latin1')
const FIELDS = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0', 'latin1')
const GOODBYE = Buffer.concat([Buffer.from('E'), lengthOf(FIELDS), FIELDS])

function lengthOf(fields: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(fields.length + 4)
  return length
}

/** PostgreSQL, that ends the first connection in the same packet that greets it. */
async function endFirstConnection(target: URL): Promise<string> {
  let isFirst = true
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    const isDoomed = isFirst
    isFirst = false
    client.on('data', (chunk) => upstream.write(chunk)).on('error', () => upstream.destroy())
    client.on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    upstream.on('data', (chunk: Buffer) => {
      if (isDoomed && chunk.includes(READY)) client.end(Buffer.concat([chunk, GOODBYE]))
      else client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return url.href
}

it.runIf(hasPostgres)('a connection that ends as it begins ends nothing else, and is not used again', async () => {
  const database = await createPostgresDatabase()
  onTestFinished(database.drop)
  const url = await endFirstConnection(new URL(database.url))

  await expect(openDatabase(url)).rejects.toThrow()

  const db = await openDatabase(url)
  await expect(db.query('SELECT 1')).resolves.toBeDefined()
  await db.close()
})
