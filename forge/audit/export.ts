import { Readable } from 'node:stream'

import type { AuditLogEntry } from '../contract/audit.ts'

export type ExportFormat = 'csv' | 'jsonl'

export const EXPORT_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
}

/** The entries as text, written as they are read. */
export function exportEntries(batches: AsyncIterable<AuditLogEntry[]>, format: ExportFormat): Readable {
  return Readable.from(format === 'csv' ? csvOf(batches) : jsonLinesOf(batches))
}

async function* jsonLinesOf(batches: AsyncIterable<AuditLogEntry[]>): AsyncGenerator<string> {
  for await (const entries of batches) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

async function* csvOf(batches: AsyncIterable<AuditLogEntry[]>): AsyncGenerator<string> {
  yield csvRecord(Object.keys(COLUMNS))
  for await (const entries of batches) yield entries.map(csvRow).join('')
}

const COLUMNS: Record<string, (entry: AuditLogEntry) => string | null | undefined> = {
  id: (entry) => entry.id,
  createdAt: (entry) => entry.createdAt,
  event: (entry) => entry.event,
  username: (entry) => entry.username,
  source: (entry) => entry.source,
  scopeType: (entry) => entry.scope.type,
  scopeId: (entry) => entry.scope.id,
  scopeName: (entry) => entry.scope.name,
  triggerType: (entry) => entry.trigger.type,
  triggerId: (entry) => entry.trigger.id,
  triggerName: (entry) => entry.trigger.name,
  tokenId: (entry) => entry.token?.id,
  tokenName: (entry) => entry.token?.name,
  ownerId: (entry) => entry.token?.ownerId,
  ownerName: (entry) => entry.token?.ownerName,
  sessionId: (entry) => entry.sessionId,
  requestId: (entry) => entry.requestId,
  address: (entry) => entry.address,
  body: (entry) => JSON.stringify(entry.body),
  occurrenceId: (entry) => entry.occurrenceId,
}

function csvRow(entry: AuditLogEntry): string {
  return csvRecord(Object.values(COLUMNS).map((read) => read(entry) ?? ''))
}

/** RFC 4180: every field quoted, quotes doubled, CRLF at the end. */
function csvRecord(fields: string[]): string {
  return `${fields.map((field) => `"${harmless(field).replaceAll('"', '""')}"`).join(',')}\r\n`
}

/**
 * A spreadsheet runs a cell that begins like a formula, and people choose the names of their tokens: an apostrophe
 * makes it text. Full-width signs count too, since some spreadsheets take them for the plain ones.
 */
function harmless(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
}
