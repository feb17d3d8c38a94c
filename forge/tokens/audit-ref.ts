import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'

import { everyKey, type SecretKeys, type ServerKey } from '../keys.ts'

/**
 * References that instances quote when they report calls. Each holds the id of a token and a proof that the forge gave
 * it to this very instance, so an instance can't write another's calls, nor name a token that it was never shown.
 */
export interface AuditRefs {
  of(tokenId: string, instanceId: string): string
  /** The token that a reference means; null for one that this instance was not given. */
  tokenIdOf(auditRef: string, instanceId: string): string | null
}

const AUDIT_REF = /^([0-9A-Za-z_-]{1,64})\.([0-9A-Za-z_-]{43})$/

/** Refers under the current server key, and knows what was given out under any. */
export function createAuditRefs(keys: SecretKeys): AuditRefs {
  const auditKeys = everyKey(keys).map(auditKey)
  const current = auditKey(keys)
  const proofs = (tokenId: string, instanceId: string) => auditKeys.map((key) => proofBy(key, tokenId, instanceId))

  return {
    of: (tokenId, instanceId) => `${tokenId}.${proofBy(current, tokenId, instanceId)}`,

    tokenIdOf(auditRef, instanceId) {
      const [, tokenId, proof] = AUDIT_REF.exec(auditRef) ?? []
      if (tokenId === undefined || proof === undefined) return null

      const given = proofs(tokenId, instanceId).some((own) => timingSafeEqual(Buffer.from(own), Buffer.from(proof)))
      return given ? tokenId : null
    },
  }
}

/** As the object that Node would otherwise make of it each time. */
const auditKey = (key: ServerKey) => createSecretKey(key.derive('audit reference'))

const proofBy = (key: KeyObject, tokenId: string, instanceId: string) =>
  createHmac('sha256', key).update(`${tokenId} ${instanceId}`).digest('base64url')
