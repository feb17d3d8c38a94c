import { X509Certificate } from 'node:crypto'

const MIN_RSA_BITS = 2048

/** A certificate that a provider signs with. */
export interface SigningCertificate {
  /** PEM, in lines of 64. */
  pem: string
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
    const [validFrom, validTo] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    return { pem: certificate.toString(), validFrom, validTo }
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
