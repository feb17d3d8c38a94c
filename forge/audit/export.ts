import { Readable } from 'node:stream'

import type { AuditLogEntry } from '../contract/audit.ts'

export type ExportFormat = 'csv' | 'jsonl'

export const EXPORT_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
}

/** What a table of rows is made of: the heading of each column, and how to read it. */
export type Columns<Row> = Record<string, (row: Row) => string | null | undefined>

/** Rows as text, written as they are read. @param columns of the CSV; JSON lines hold the rows as they are */
export function exportRows<Row>(batches: AsyncIterable<Row[]>, format: ExportFormat, columns: Columns<Row>): Readable {
  return Readable.from(format === 'csv' ? csvOf(batches, columns) : jsonLinesOf(batches))
}

/** The entries of the audit as text, written as they are read. */
export function exportEntries(batches: AsyncIterable<AuditLogEntry[]>, format: ExportFormat): Readable {
  return exportRows(batches, format, COLUMNS)
}

async function* jsonLinesOf<Row>(batches: AsyncIterable<Row[]>): AsyncGenerator<string> {
  for await (const rows of batches) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

async function* csvOf<Row>(batches: AsyncIterable<Row[]>, columns: Columns<Row>): AsyncGenerator<string> {
  yield csvRecord(Object.keys(columns))
  const readers = Object.values(columns)
  for await (const rows of batches) {
    yield rows.map((row) => csvRecord(readers.map((read) => read(row) ?? ''))).join('')
  }
}

const COLUMNS: Columns<AuditLogEntry> = {
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
