import type { Sequelize } from 'sequelize'

import type { ServerKey } from '../keys.ts'
import { createFindings, type AuditProblem, type Findings } from './findings.ts'
import type { Checkpoint, Entry } from './model.ts'
import { createAuditProver, digestOfSeals, isProof, type AuditProver } from './proof.ts'
import { withAuditSnapshot, type AuditSnapshot } from './snapshot.ts'

export interface AuditReport {
  /** How many entries there are. */
  entries: number
  /** Those of them that no checkpoint covers yet. */
  unsealed: number
  checkpoints: number
  /** Names the newest checkpoint: to be kept outside the database and given to a later verification. */
  anchor: string | null
  /** The first thousand; `problemCount` says how many there are. */
  problems: AuditProblem[]
  problemCount: number
}

export interface VerifyOptions {
  /** The anchor of an earlier report: that checkpoint, and so all before it, must still be there. */
  anchor?: string
}

/**
 * Looks at every entry and every checkpoint, and names what is changed, missing, inserted or in another place.
 * @param keys the server key, and those before it whose proofs are to be recognised
 */
export async function verifyAudit(
  db: Sequelize,
  keys: readonly ServerKey[],
  options: VerifyOptions = {},
): Promise<AuditReport> {
  const provers: Provers = new Map(keys.map((key) => [key.id, createAuditProver(key)]))

  return withAuditSnapshot(db, async (snapshot) => {
    const findings = createFindings()
    const sealed = await verifySealed(snapshot, provers, findings)
    const unsealed = await verifyUnsealed(snapshot, provers, findings)
    await verifyStreamed(snapshot, sealed.newest, findings)
    if (options.anchor !== undefined) await verifyAnchor(snapshot, options.anchor, findings)

    const { problems, count: problemCount } = findings
    const anchor = sealed.newest && `${sealed.newest.number}:${sealed.newest.mac}`
    return {
      entries: sealed.entries + unsealed,
      unsealed,
      checkpoints: sealed.checkpoints,
      anchor,
      problems,
      problemCount,
    }
  })
}

type Provers = Map<string, AuditProver>

interface Sealed {
  entries: number
  checkpoints: number
  newest: Checkpoint | null
}

/** Walks the chain of checkpoints and the numbered entries side by side. */
async function verifySealed(snapshot: AuditSnapshot, provers: Provers, findings: Findings): Promise<Sealed> {
  const sealed: Sealed = { entries: 0, checkpoints: 0, newest: null }
  const entries = snapshot.sealedEntries()
  let next = await entries.next()

  for await (const checkpoint of snapshot.checkpoints()) {
    const problemsBefore = findings.count
    checkCheckpoint(checkpoint, sealed.newest, provers, findings)
    const sealer = provers.get(checkpoint.keyId)
    const seals: string[] = []
    let expected = Number(sealed.newest?.lastSequence ?? 0) + 1

    while (!next.done && Number(next.value.sequence) <= Number(checkpoint.lastSequence)) {
      const entry = next.value
      const sequence = Number(entry.sequence)
      checkGap(expected, sequence - 1, findings)
      checkEntry(entry, provers.get(entry.keyId), findings, sealer)
      if (sequence >= Number(checkpoint.firstSequence)) seals.push(entry.seal ?? '')

      sealed.entries += 1
      expected = sequence + 1
      next = await entries.next()
    }
    checkGap(expected, Number(checkpoint.lastSequence), findings)
    if (findings.count === problemsBefore) checkDigest(checkpoint, seals, findings)

    sealed.checkpoints += 1
    sealed.newest = checkpoint
  }

  sealed.entries += await verifyBeyond(next, entries, provers, findings)
  return sealed
}

function checkCheckpoint(
  checkpoint: Checkpoint,
  previous: Checkpoint | null,
  provers: Provers,
  findings: Findings,
): void {
  const number = Number(checkpoint.number)
  const before = Number(previous?.number ?? 0)
  const name = `checkpoint ${number}`
  if (number > before + 1) {
    const range = rangeOf(before + 1, number - 1)
    findings.report('checkpoints_missing', `checkpoints ${range}`, `Checkpoints ${range} are missing.`)
  }

  const prover = provers.get(checkpoint.keyId)
  if (!prover) {
    findings.report(
      'unknown_key',
      name,
      `Checkpoint ${number} was made with the key ${checkpoint.keyId}, which is not here.`,
    )
  } else if (!isProof(checkpoint.mac, prover.ofCheckpoint(checkpoint))) {
    findings.report('checkpoint_changed', name, `Checkpoint ${number} does not match its proof.`)
  } else if (number === before + 1 && checkpoint.previousMac !== (previous?.mac ?? null)) {
    findings.report(
      'checkpoint_changed',
      name,
      `Checkpoint ${number} follows another checkpoint than the one before it.`,
    )
  }
}

/** @param sealer who gave the entry its number; absent when that key is not here, which has been reported */
function checkEntry(entry: Entry, writer: AuditProver | undefined, findings: Findings, sealer?: AuditProver): void {
  const name = `Entry ${entry.id} (number ${entry.sequence ?? 'none yet'}, ${entry.event})`
  if (!writer) {
    findings.report('unknown_key', entry.id, `${name} was written with the key ${entry.keyId}, which is not here.`)
    return
  }

  const original = isProof(entry.mac, writer.ofEntry(entry))
  const inPlace = !sealer || isProof(entry.seal, sealer.ofPlace({ ...entry, sequence: Number(entry.sequence) }))
  if (original && inPlace) return

  if (original) findings.report('entry_moved', entry.id, `${name} stands in the place of another entry.`)
  else if (sealer && inPlace) findings.report('entry_changed', entry.id, `${name} was changed after it was written.`)
  else
    findings.report('entry_inserted', entry.id, `${name} was not written by this forge, or was changed with its proof.`)
}

function checkGap(first: number, last: number, findings: Findings): void {
  if (first > last) return

  const range = rangeOf(first, last)
  findings.report('entries_missing', `entries ${range}`, `Entries with the numbers ${range} are missing.`)
}

/** Everything else being right, another digest means that entries were exchanged for others once sealed in their place. */
function checkDigest(checkpoint: Checkpoint, seals: string[], findings: Findings): void {
  if (digestOfSeals(seals) === checkpoint.sealsDigest) return

  const { number, firstSequence, lastSequence } = checkpoint
  const range = rangeOf(Number(firstSequence), Number(lastSequence))
  findings.report(
    'checkpoint_changed',
    `checkpoint ${number}`,
    `Checkpoint ${number} fixed other entries than ${range}.`,
  )
}

/** Numbered entries that no checkpoint covers: an entry gets both at once, so checkpoints were taken away. */
async function verifyBeyond(
  first: IteratorResult<Entry, unknown>,
  rest: AsyncGenerator<Entry>,
  provers: Provers,
  findings: Findings,
): Promise<number> {
  if (first.done) return 0

  let count = 1
  let last = first.value
  checkEntry(last, provers.get(last.keyId), findings)
  for await (const entry of rest) {
    checkEntry(entry, provers.get(entry.keyId), findings)
    count += 1
    last = entry
  }
  const range = rangeOf(Number(first.value.sequence), Number(last.sequence))
  findings.report('checkpoints_missing', 'newest checkpoints', `The checkpoints over the entries ${range} are missing.`)
  return count
}

/** @returns how many there are */
async function verifyUnsealed(snapshot: AuditSnapshot, provers: Provers, findings: Findings): Promise<number> {
  let count = 0
  for await (const entry of snapshot.unsealedEntries()) {
    checkEntry(entry, provers.get(entry.keyId), findings)
    count += 1
  }
  return count
}

/** What was streamed had a checkpoint then, so it must have one now. */
async function verifyStreamed(snapshot: AuditSnapshot, newest: Checkpoint | null, findings: Findings): Promise<void> {
  const last = Number(newest?.lastSequence ?? 0)
  for (const { sink, position } of await snapshot.streams()) {
    if (Number(position) <= last) continue

    const range = rangeOf(last + 1, Number(position))
    findings.report(
      'entries_missing',
      `entries ${range}`,
      `Entries ${range} were streamed to ${sink} and are missing here.`,
    )
  }
}

async function verifyAnchor(snapshot: AuditSnapshot, anchor: string, findings: Findings): Promise<void> {
  const [number = '', mac] = anchor.split(':')
  const checkpoint = await snapshot.checkpoint(number)

  if (!checkpoint) {
    findings.report(
      'checkpoints_missing',
      `checkpoint ${number}`,
      `Checkpoint ${number}, which the anchor names, is missing.`,
    )
  } else if (checkpoint.mac !== mac) {
    findings.report(
      'checkpoint_changed',
      `checkpoint ${number}`,
      `Checkpoint ${number} is not the one that the anchor names.`,
    )
  }
}

function rangeOf(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`
}
