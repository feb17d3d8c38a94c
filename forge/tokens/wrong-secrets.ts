import { randomInt } from 'node:crypto'

import type { Actor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { Refusal } from '../audit/refusals.ts'
import { grantsFor } from '../access/rules.ts'
import { findReach, type FoundToken } from './facts.ts'
import type { TokenStore } from './store.ts'

/** Where somebody presented the public part of a token with a secret that is not its own. */
export interface WrongSecret {
  token: Pick<FoundToken, 'id' | 'name' | 'userId'>
  /** Null when it was presented to the forge itself. */
  instanceId: string | null
  requestId: string
  address: string
}

export interface WrongSecrets {
  /** Costs the caller nothing that could be timed: what is to be looked up and written is, some seconds later. */
  note(wrong: WrongSecret): void
  /** Writes what is noted and not written yet. */
  close(): Promise<void>
}

/** Pairs of token and place that are told apart between two writings; a limit stops who makes up more. */
const MAX_KINDS = 1_000
const WAIT_MS = { min: 1_000, max: 5_000 }

interface Counted {
  wrong: WrongSecret
  count: number
}

/**
 * Writes that a secret was wrong into the audit, later and at a moment that is drawn, so that neither the refusal nor
 * what is asked after it takes longer than after an unknown selector. Repeats share an entry, as all refusals do.
 */
export function createWrongSecrets(store: TokenStore, onError: (error: unknown) => void): WrongSecrets {
  let counted = new Map<string, Counted>()
  let timer: NodeJS.Timeout | null = null

  let writing: Promise<unknown> = Promise.resolve()

  const write = async (all: Iterable<Counted>) => {
    for (const { wrong, count } of all) {
      const refusal = await refusalOf(store, wrong).catch(onError)
      if (!refusal) continue
      for (let n = 0; n < count; n++) store.audit.noteRefusal(refusal)
    }
  }
  const flush = async () => {
    const all = counted.values()
    counted = new Map()
    if (timer) clearTimeout(timer)
    timer = null
    // Who closes waits also for what a timer has begun.
    await (writing = writing.then(() => write(all)))
  }

  return {
    note(wrong) {
      const key = `${wrong.token.id} ${wrong.instanceId}`
      const count = (counted.get(key)?.count ?? 0) + 1
      if (count > 1 || counted.size < MAX_KINDS) counted.set(key, { wrong, count })
      timer ??= setTimeout(() => void flush(), randomInt(WAIT_MS.min, WAIT_MS.max)).unref()
    },
    close: flush,
  }
}

/** Null once the person is gone: nobody is left who could read it. */
async function refusalOf(store: TokenStore, wrong: WrongSecret): Promise<Refusal | null> {
  const { token, instanceId } = wrong
  if (instanceId === null) return refusalHere(store, wrong)

  const host = await store.directory.access(token.userId, instanceId)
  if (!host) return null

  const { user: owner, team, instance } = host
  const where = { id: instance.id, name: instance.name }
  const { requestId, address } = wrong
  const actor: Actor = { type: 'instance', instanceId, instanceName: instance.name, requestId, address }
  // As with every refusal, a team learns of tokens that are for it.
  const reaches = grantsFor(await findReach(store.db, token.id), { instance, team }).length > 0
  const scopes = [ownLog(owner), ...(reaches ? [teamLog(team)] : [])] as const
  return { actor, token: { id: token.id, name: token.name, owner }, scopes, reason: 'wrong_secret', instance: where }
}

async function refusalHere({ directory }: TokenStore, { token }: WrongSecret): Promise<Refusal | null> {
  const [owner] = await directory.people([token.userId])
  if (!owner) return null

  // Whoever it was has proved nothing, so there is no one to name.
  const actor: Actor = { type: 'system', name: 'whoami' }
  const about = { id: token.id, name: token.name, owner }
  return { actor, token: about, scopes: [ownLog(owner)], reason: 'wrong_secret', instance: null }
}
