import type { Sequelize, Transaction } from 'sequelize'

import type { SecretKeys } from '../keys.ts'
import { storableText } from '../sql/text.ts'
import { describeActor } from './actor.ts'
import { createEntryIds } from './entry-id.ts'
import type { AuditEntry, AuditScope } from './entry.ts'
import { defineAuditModels, type EntryContent } from './model.ts'
import { createAuditProver } from './proof.ts'
import { createRefusals, type Refusal } from './refusals.ts'

/** The writing side. */
export interface Audit {
  /** Appends an entry in the transaction of the change, so that neither stands without the other. */
  write(entry: AuditEntry, transaction: Transaction): Promise<void>
  /** Notes that a real token was presented and refused; costs the caller nothing, and repeats share an entry. */
  noteRefusal(refusal: Refusal): void
  /** Writes what is noted and not written yet. */
  close(): Promise<void>
}

/** Entries are proved one by one, so that writers never wait for each other. */
export function createAuditWriter(db: Sequelize, keys: SecretKeys): Pick<Audit, 'write'> {
  const { Entry } = defineAuditModels(db)
  const prover = createAuditProver(keys)
  const nextId = createEntryIds()

  const write: Audit['write'] = async (entry, transaction) => {
    const now = Date.now()
    const occurrenceId = nextId(now)
    const rows = entry.scopes.map((scope, index) => {
      const id = index === 0 ? occurrenceId : nextId(now)
      const content = contentOf(entry, scope, { id, occurrenceId, createdAt: new Date(now) })
      return { ...content, keyId: prover.keyId, mac: prover.ofEntry(content) }
    })
    await Entry.bulkCreate(rows, { transaction })
  }
  return { write }
}

/** @param onError is told of a refusal that could not be written */
export function createAudit(db: Sequelize, keys: SecretKeys, onError: (error: unknown) => void): Audit {
  const { write } = createAuditWriter(db, keys)
  const refusals = createRefusals((entry) => db.transaction((transaction) => write(entry, transaction)), onError)
  return { write, noteRefusal: refusals.note, close: refusals.close }
}

type Identity = Pick<EntryContent, 'id' | 'occurrenceId' | 'createdAt'>

function contentOf({ event, actor, token, body }: AuditEntry, scope: AuditScope<unknown>, identity: Identity) {
  const content: EntryContent = {
    ...identity,
    event,
    scopeType: scope.type,
    scopeId: scope.id,
    scopeName: scope.name,
    ...describeActor(actor),
    tokenId: token?.id ?? null,
    tokenName: token?.name ?? null,
    ownerId: token?.owner.id ?? null,
    ownerName: token?.owner.username ?? null,
    body: JSON.stringify(scope.body ?? body),
  }
  return {
    ...content,
    scopeName: storable(content.scopeName),
    actorName: storable(content.actorName),
    username: storable(content.username),
    tokenName: storable(content.tokenName),
    ownerName: storable(content.ownerName),
    requestId: storable(content.requestId),
    address: storable(content.address),
  }
}

/** The proof is over what will be read. */
function storable<Text extends string | null>(text: Text): Text
function storable(text: string | null): string | null {
  return text === null ? null : storableText(text.slice(0, MAX_TEXT))
}

/** Some of it comes from the caller (a request id from a proxy), and a log must not be filled by one request. */
const MAX_TEXT = 300
