import { X509Certificate } from 'node:crypto'

import type { SamlCertificate, SamlSettings } from '../../../contract/saml.ts'
import { ForgeError } from '../../../errors/forge-error.ts'

const MIN_RSA_BITS = 2048

/** A certificate that a provider signs with. */
export interface SigningCertificate {
  /** PEM, in lines of 64. */
  pem: string
  subject: string
  /** Fingerprint, in hexadecimal with colons. */
  sha256: string
  /** Epoch ms, both included. */
  validFrom: number
  validTo: number
}

/** Reads PEM, or the base64 that metadata has between its tags; null for anything that we could not check with. */
export function readCertificate(text: string): SigningCertificate | null {
  const base64 = text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, '')
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'))
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
    const strong = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS
    if (!strong) return null
    const { subject, fingerprint256: sha256 } = certificate
    const [validFrom, validTo] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    return { pem: certificate.toString(), subject, sha256, validFrom, validTo }
  } catch {
    return null
  }
}

/** Those that count now; a provider that rotates has two. @param now epoch ms */
export function validCertificates(texts: readonly string[], now: number): string[] {
  return texts.flatMap((text) => {
    const certificate = readCertificate(text)
    return certificate && certificate.validFrom <= now && now <= certificate.validTo ? [certificate.pem] : []
  })
}

/** What administrators see of a certificate that was taken in. */
export function describeCertificate(text: string): SamlCertificate {
  const certificate = readCertificate(text)
  if (!certificate) throw new TypeError('a certificate was kept that is none')
  const { subject, validTo, sha256 } = certificate
  return { subject: subject.replaceAll('\n', ', '), validTo: new Date(validTo).toISOString(), sha256 }
}

/** Settings with their certificates as PEM, however they were typed in. @throws {ForgeError} invalid_request */
export function withReadCertificates(settings: SamlSettings): SamlSettings {
  const certificates = settings.certificates.map((text) => {
    const certificate = readCertificate(text)
    if (!certificate) {
      const sentence = 'One of the certificates is not an X.509 certificate with an RSA key of 2048 bits or more.'
      throw new ForgeError('invalid_request', sentence)
    }
    return certificate.pem
  })
  return { ...settings, certificates }
}
