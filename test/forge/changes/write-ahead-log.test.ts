import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { watchWriteAheadLog, type WriteAheadLog } from '../../../forge/changes/write-ahead-log.ts'

let folder: string
let file: string
let now: number
let log: WriteAheadLog
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forge-wal-'))
  file = join(folder, 'forge.db')
  now = 1_000
  log = watchWriteAheadLog(file, () => now)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What a commit does to the file: seconds that a test chooses, for those of the machine may be the same twice. */
function write(text: string, seconds: number): void {
  writeFileSync(`${file}-wal`, text)
  utimesSync(`${file}-wal`, seconds, seconds)
}
/** Has been looked at by now, and is old enough. */
function settle(): number {
  log.isUntouchedSince(now)
  now += 1_000
  return now
}

describe.skipIf(process.platform === 'win32')('the write-ahead log', () => {
  it('is untouched since a look that began well after it was last written', () => {
    write('a', 1)
    const lookedAt = settle()

    expect(log.isUntouchedSince(lookedAt)).toBe(true)
    now += 10_000
    expect(log.isUntouchedSince(lookedAt)).toBe(true)
  })

  it.each([
    ['later', () => write('a', 2)],
    ['in the same tick, to its end', () => write('ab', 1)],
    ['before, by a clock that was set back', () => write('a', 0.5)],
  ])('is touched when it was written %s', (_how, commit) => {
    write('a', 1)
    const lookedAt = settle()
    commit()

    expect(log.isUntouchedSince(lookedAt)).toBe(false)
    expect(log.isUntouchedSince(lookedAt)).toBe(false)
    expect(log.isUntouchedSince(settle())).toBe(true)
  })

  it('is no proof of anything shortly after it was written: that may not have been all', () => {
    write('a', 1)
    expect(log.isUntouchedSince(now)).toBe(false)
    now += 99
    expect(log.isUntouchedSince(now)).toBe(false)
    now += 1
    expect(log.isUntouchedSince(now)).toBe(true)
  })

  it('is none when it is not there', () => {
    expect(log.isUntouchedSince(settle())).toBe(false)
  })
})
