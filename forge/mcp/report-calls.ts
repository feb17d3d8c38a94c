import { keptArguments } from '../contract/kept-arguments.ts'
import type { CallReceipt, ReportedCall } from '../contract/tool-calls.ts'
import type { InstanceFacts } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { writeRows } from '../sql/rows.ts'
import { printableText, storableText } from '../sql/text.ts'
import { sqlTime } from '../sql/time.ts'
import { rulesOf, type RuleSet } from '../tools/rules.ts'
import { findOrigins, type CallOrigin } from './call-origins.ts'
import type { CallStore } from './store.ts'

/** A reported call of a token that is known. */
interface KnownCall {
  call: ReportedCall
  tokenId: string
  origin: CallOrigin
}

/**
 * Writes the calls that an instance reports into the log, each once however often and however many times at once it is
 * reported. Who called is found by the reference that the forge gave to this instance: what an instance says of people
 * is not asked. Works for tokens and people that are gone by now.
 */
export async function reportCalls(
  store: CallStore,
  { instanceId, calls, now }: { instanceId: string; calls: ReportedCall[]; now: number },
): Promise<CallReceipt> {
  const instance = await store.directory.instance(instanceId)
  if (!instance) throw new ForgeError('invalid_client', 'This instance is gone.')

  const known = await recognise(store, instanceId, calls)
  noteLag(store, known, now)
  const accepted = known.length === 0 ? 0 : await writeCalls(store, instance, known, now)
  noteUses(store, instanceId, known, now)

  const recognised = new Set(known.map(({ call }) => call))
  return {
    accepted,
    duplicates: known.length - accepted,
    refused: calls
      .filter((call) => !recognised.has(call))
      .map(({ id }) => ({ id, reason: 'unknown_reference' as const })),
  }
}

function noteLag(store: CallStore, known: KnownCall[], now: number): void {
  const oldest = Math.min(...known.map(({ call }) => Date.parse(call.at)))
  if (known.length > 0 && Number.isFinite(oldest)) store.onReported((now - oldest) / 1000)
}

async function recognise(store: CallStore, instanceId: string, calls: ReportedCall[]): Promise<KnownCall[]> {
  const refs = new Map([...new Set(calls.map(({ auditRef }) => auditRef))].map((ref) => [ref, null as string | null]))
  for (const ref of refs.keys()) refs.set(ref, store.auditRefs.tokenIdOf(ref, instanceId))

  const tokenIds = [...new Set(refs.values())].filter((id) => id !== null)
  const origins = await findOrigins(store, tokenIds)
  return calls.flatMap((call) => {
    const tokenId = refs.get(call.auditRef) ?? null
    const origin = tokenId === null ? undefined : origins.get(tokenId)
    return tokenId !== null && origin ? { call, tokenId, origin } : []
  })
}

const COLUMNS = `
  id, call_id, called_at, user_id, username, token_id, token_name, team_id, instance_id, instance_name, server, tool,
  outcome, reason, duration_ms, client, address, request_id, arguments`
const COLUMN_COUNT = COLUMNS.split(',').length

/** One statement, so that all of a report is written or nothing. @returns how many calls were not there yet */
async function writeCalls(store: CallStore, instance: InstanceFacts, calls: KnownCall[], now: number): Promise<number> {
  const rules = calls.some(({ call }) => call.arguments) ? await rulesOf(store.db, instance.id) : null
  const rows = calls.map((known) => [store.nextCallId(now), ...valuesOf(known, instance, rules, now)])
  const places = rows.map((_, row) => {
    const row0 = row * COLUMN_COUNT
    return `(${Array.from({ length: COLUMN_COUNT }, (__, column) => `$${row0 + column + 1}`).join()})`
  })

  return writeRows(
    store.db,
    `INSERT INTO pat_tool_calls (${COLUMNS}) VALUES ${places.join()} ON CONFLICT (instance_id, call_id) DO NOTHING`,
    rows.flat(),
  )
}

function valuesOf(
  { call, tokenId, origin }: KnownCall,
  { id: instanceId, name: instanceName, team }: InstanceFacts,
  rules: RuleSet | null,
  now: number,
): (string | number | null)[] {
  return [
    call.id.toLowerCase(),
    sqlTime(new Date(likelyTime(call.at, now))),
    origin.userId,
    storableText(origin.username),
    tokenId,
    storableText(origin.tokenName),
    team.id,
    instanceId,
    storableText(instanceName),
    storableText(call.server),
    storableText(call.tool),
    call.outcome,
    call.reason ?? null,
    call.durationMs,
    printableText(call.client, 200),
    printableText(call.address, 64),
    printableText(call.requestId, 128),
    argumentsOf(call, rules),
  ]
}

/** No call was logged before this. */
const EARLIEST = Date.parse('2026-01-01T00:00:00.000Z')

/**
 * When a call came in. An instance may report days later, but a time that can't be (in the future, long ago, none at
 * all) only says that its clock is wrong: the call is kept, with the time at which the forge learned of it.
 */
function likelyTime(text: string, now: number): number {
  const at = Date.parse(text)
  return at >= EARLIEST && at <= now ? at : now
}

/** What the rule of now lets the forge keep: the instance may have acted by an older one. */
function argumentsOf({ server, tool, arguments: args }: ReportedCall, rules: RuleSet | null): string | null {
  const keep = rules?.find(storableText(server), storableText(tool))?.keepArguments
  if (!args || !keep) return null

  const kept = keptArguments(args, keep.redact)
  return kept && JSON.stringify(kept)
}

/** The latest call of each token; what is noted already is no newer. */
function noteUses({ lastUse }: CallStore, instanceId: string, calls: KnownCall[], now: number): void {
  for (const { call, tokenId } of calls) {
    const client = printableText(call.client, 200)
    const address = printableText(call.address, 64)
    lastUse.noteCall(tokenId, { at: likelyTime(call.at, now), instanceId, client, address })
  }
}
