import type { Sequelize, Transaction } from 'sequelize'

import type { AuditBodies, AuditEvent, AuditScopeType } from '../contract/audit.ts'
import type { SecretKeys } from '../keys.ts'
import { describeActor, type Actor } from './actor.ts'
import { createEntryIds } from './entry-id.ts'
import { defineAuditModels, type EntryContent } from './model.ts'
import { createAuditProver } from './proof.ts'

/** A log that an entry is written to: its readers are that person, or the owners of that team. */
export interface AuditScope<Body = never> {
  type: AuditScopeType
  id: string
  /** The person's user name, or the team's name: kept, since it may not be there to look up later. */
  name: string
  /** What this log says instead of the entry's body, where its readers must not learn all of it. */
  body?: Body
}

/** The scope of what concerns the whole platform: in no one's log, but verified and streamed. */
export const PLATFORM_SCOPE = { type: 'platform', id: 'platform', name: 'Platform' } as const

/** The log of a person. */
export function ownLog({ id, username }: AuditedToken['owner']): AuditScope {
  return { type: 'user', id, name: username }
}

/** The log of a team. */
export function teamLog({ id, name }: { id: string; name: string }): AuditScope {
  return { type: 'team', id, name }
}

/** The token that an entry is about. */
export interface AuditedToken {
  id: string
  name: string
  owner: { id: string; username: string }
}

/** What happened. `scopes` are all the logs that it belongs to: that of the token's owner, those of the teams reached. */
export type AuditEntry<Event extends AuditEvent = AuditEvent> = {
  [Name in Event]: {
    event: Name
    actor: Actor
    scopes: readonly [AuditScope<AuditBodies[Name]>, ...AuditScope<AuditBodies[Name]>[]]
    token?: AuditedToken
    /** What changed, for people to read; never a secret. */
    body: AuditBodies[Name]
  }
}[Event]

export interface Audit {
  /** Appends an entry in the transaction of the change, so that neither stands without the other. */
  write(entry: AuditEntry, transaction: Transaction): Promise<void>
}

/** The writing side. Entries are proved one by one, so that writers never wait for each other. */
export function createAudit(db: Sequelize, keys: SecretKeys): Audit {
  const { Entry } = defineAuditModels(db)
  const prover = createAuditProver(keys)
  const nextId = createEntryIds()

  return {
    async write(entry, transaction) {
      const now = Date.now()
      const occurrenceId = nextId(now)
      const rows = entry.scopes.map((scope, index) => {
        const id = index === 0 ? occurrenceId : nextId(now)
        const content = contentOf(entry, scope, { id, occurrenceId, createdAt: new Date(now) })
        return { ...content, keyId: prover.keyId, mac: prover.ofEntry(content) }
      })
      await Entry.bulkCreate(rows, { transaction })
    },
  }
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

/** Text as any database gives it back, since the proof is over what will be read: no NUL, no half of a surrogate pair. */
function storable<Text extends string | null>(text: Text): Text
function storable(text: string | null): string | null {
  return text === null ? null : Buffer.from(text.slice(0, MAX_TEXT), 'utf8').toString('utf8').replaceAll('\0', '')
}

/** Some of it comes from the caller (a request id from a proxy), and a log must not be filled by one request. */
const MAX_TEXT = 300
