import { Ajv } from 'ajv'

import {
  CALL_BATCH,
  CALL_REPORT_LIMIT_BYTES,
  CallReceiptSchema,
  type CallReceipt,
} from '../../forge/contract/tool-calls.ts'
import { ForgeUnavailableError, type ForgeApi } from '../forge-api.ts'

const PATH = '/api/v1/instance/audit'
/** For the brackets around the calls. */
const MARGIN_BYTES = 1_000

const isReceipt = new Ajv().compile<CallReceipt>(CallReceiptSchema)

/**
 * Sends calls, and returns when the forge has taken or refused each of them for good.
 * @param lines each a call as JSON
 * @throws {ForgeUnavailableError} some may have arrived; sending them again counts them once
 */
export async function sendCalls(
  forge: ForgeApi,
  lines: readonly string[],
  log: (message: string) => void,
): Promise<void> {
  for (const batch of batches(lines)) await sendBatch(forge, batch, log)
}

function batches(lines: readonly string[]): string[][] {
  const all: string[][] = []
  let batch: string[] = []
  let bytes = 0
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1
    if (batch.length === CALL_BATCH || bytes + size > CALL_REPORT_LIMIT_BYTES - MARGIN_BYTES) {
      all.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(line)
    bytes += size
  }
  return batch.length > 0 ? [...all, batch] : all
}

/** One call that the forge cannot read must not hold up the others: the batch is halved until it stands alone. */
async function sendBatch(forge: ForgeApi, batch: readonly string[], log: (message: string) => void): Promise<void> {
  const response = await forge(PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"calls":[${batch.join(',')}]}`,
    expect: [200, 202, 400, 413],
  })
  const answer: unknown = await response.json().catch(() => null)
  if (response.status === 200 || response.status === 202) return checkReceipt(answer, log)

  if (batch.length === 1) return log('The forge cannot read a call that this instance has logged; it is lost.')
  const half = Math.ceil(batch.length / 2)
  await sendBatch(forge, batch.slice(0, half), log)
  await sendBatch(forge, batch.slice(half), log)
}

function checkReceipt(answer: unknown, log: (message: string) => void): void {
  if (!isReceipt(answer)) throw new ForgeUnavailableError('What answers a report of calls is no receipt of a forge.')
  if (answer.refused.length === 0) return

  const reasons = [...new Set(answer.refused.map(({ reason }) => reason))].join(', ')
  log(`The forge refuses ${answer.refused.length} calls of this instance for good: ${reasons}.`)
}
