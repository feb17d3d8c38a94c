import type { Socket } from 'node:net'

const OID = '1.3.6.1.4.1.1466.20037'
/** LDAPMessage 1 with the extended request StartTLS (RFC 4511 section 4.14). */
const REQUEST = Buffer.concat([Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]), Buffer.from(OID)])
const MAX_ANSWER_BYTES = 4_096
const SEQUENCE = 0x30

/**
 * Asks for TLS, and reads the answer to its last byte: whatever else came before TLS began was put there by somebody on
 * the way, to be taken for what the directory said under TLS, so it ends the connection.
 * @throws {Error} when the directory refuses
 */
export async function askForTls(socket: Socket): Promise<void> {
  socket.write(REQUEST)
  const answer = await readMessage(socket)
  const code = resultCode(answer)
  if (code !== 0) throw new Error(`the directory refuses StartTLS with result code ${code}`)
}

function readMessage(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0)
    const end = (settle: () => void) => {
      socket.off('data', take).off('close', closed).off('error', closed)
      // TLS takes over from here, and must miss nothing.
      socket.pause()
      settle()
    }
    const closed = () => end(() => reject(new Error('the connection was closed before the answer to StartTLS')))
    const take = (more: Buffer) => {
      read = Buffer.concat([read, more])
      const length = messageLength(read)
      const isMessage = read[0] === SEQUENCE
      if (isMessage && length === null && read.length < MAX_ANSWER_BYTES) return
      if (isMessage && length === read.length) end(() => resolve(read))
      else if (!isMessage || length === null || length < read.length || length > MAX_ANSWER_BYTES) {
        end(() => reject(new Error('the answer to StartTLS is not one message')))
      }
    }
    socket.on('data', take).once('close', closed).once('error', closed)
  })
}

/** Of the whole first message; null while that is not known. */
function messageLength(bytes: Buffer): number | null {
  const header = readHeader(bytes, 0)
  return header && header.start + header.length
}

/** `30 … 02 … id 78 … 0a 01 code` */
function resultCode(message: Buffer): number | null {
  const outer = readHeader(message, 0)
  const id = outer && readHeader(message, outer.start)
  const operation = id && readHeader(message, id.start + id.length)
  const code = operation && readHeader(message, operation.start)
  if (!outer || !operation || !code) return null
  const tags = [message[0], message[outer.start], message[id.start + id.length], message[operation.start]]
  if (tags.join() !== [0x30, 0x02, 0x78, 0x0a].join() || code.length !== 1) return null
  return message[code.start] ?? null
}

/** Where the content of a BER element starts, and how long it is; null where too few bytes are there. */
function readHeader(bytes: Buffer, offset: number): { start: number; length: number } | null {
  const first = bytes[offset + 1]
  if (first === undefined) return null
  if (first < 0x80) return { start: offset + 2, length: first }
  const size = first & 0x7f
  const start = offset + 2 + size
  if (size === 0 || size > 4 || bytes.length < start) return null
  return { start, length: bytes.readUIntBE(offset + 2, size) }
}
