import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A key to sign with, and the certificate that others check it by. */
export interface SigningKey {
  privateKey: string
  /** PEM. */
  certificate: string
}

/** A self-signed certificate (RFC 5280) for a new RSA key, valid from 2020 to 2050 where nothing else is said. */
export function createSigningKey({
  from = '200101000000Z',
  to = '491231000000Z',
  bits = 2048,
}: { from?: string; to?: string; bits?: number } = {}): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: certify(privateKey, publicKey, [from, to]),
  }
}

function certify(privateKey: KeyObject, publicKey: KeyObject, validity: string[]): string {
  const commonName = sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('idp of a test')))
  const name = sequence(der(0x31, commonName))
  const sha256WithRsa = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'))
  const times = sequence(...validity.map((time) => der(0x17, Buffer.from(time))))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(der(0x02, Buffer.from([1])), sha256WithRsa, name, times, name, key)
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]))

  const base64 = sequence(body, sha256WithRsa, signature).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts))

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
