import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

import type { ServerKey } from '../keys.ts'
import type { Checkpoint, EntryContent } from './model.ts'

/** What one server key says about the audit. Every proof is an HMAC-SHA-256 in hexadecimal. */
export interface AuditProver {
  keyId: string
  /** Over all that an entry says: written with it. */
  ofEntry(entry: EntryContent): string
  /** Over the entry's place among all entries: written once it has one. */
  ofPlace(place: Place): string
  /** Over a checkpoint, which names the one before it. */
  ofCheckpoint(checkpoint: Omit<Checkpoint, 'keyId' | 'mac'>): string
}

export interface Place {
  sequence: number
  id: string
  mac: string
}

/** The prover that belongs to a server key; its key is derived for the audit alone. */
export function createAuditProver(serverKey: ServerKey): AuditProver {
  const key = serverKey.derive('audit')
  // The kind comes first, so that no proof of one kind can stand for another.
  const prove = (kind: string, content: unknown[]) =>
    createHmac('sha256', key)
      .update(JSON.stringify([kind, ...content]))
      .digest('hex')

  return {
    keyId: serverKey.id,
    ofEntry: (entry) =>
      prove('entry', [
        entry.id,
        entry.occurrenceId,
        timeOf(entry.createdAt),
        entry.event,
        entry.scopeType,
        entry.scopeId,
        entry.scopeName,
        entry.actorType,
        entry.actorId,
        entry.actorName,
        entry.userId,
        entry.username,
        entry.tokenId,
        entry.tokenName,
        entry.ownerId,
        entry.ownerName,
        entry.sessionId,
        entry.requestId,
        entry.address,
        entry.body,
      ]),
    ofPlace: ({ sequence, id, mac }) => prove('place', [sequence, id, mac]),
    ofCheckpoint: (checkpoint) =>
      prove('checkpoint', [
        Number(checkpoint.number),
        timeOf(checkpoint.createdAt),
        Number(checkpoint.firstSequence),
        Number(checkpoint.lastSequence),
        checkpoint.sealsDigest,
        checkpoint.previousMac,
      ]),
  }
}

/** To the millisecond. Null for what is no time any more: a row that somebody edited must fail, not stop the verification. */
function timeOf(stored: Date | string): string | null {
  const time = new Date(stored)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}

/** What a checkpoint keeps of the seals of its entries, in their order. */
export function digestOfSeals(seals: Iterable<string>): string {
  const digest = createHash('sha256')
  for (const seal of seals) digest.update(seal)
  return digest.digest('hex')
}

/** Compares a stored proof with the right one without telling by the time it takes how much of it is right. */
export function isProof(stored: string | null, right: string): boolean {
  return stored?.length === right.length && timingSafeEqual(Buffer.from(stored), Buffer.from(right))
}
