import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The last line of versions that runs on Node 20. Fetched when it is wanted: it weighs 185 MB, and no test needs it. */
const PACKAGE = 'lighthouse@12.8.2'
const CATEGORIES = ['performance', 'accessibility'] as const
type Category = (typeof CATEGORIES)[number]

const run = promisify(execFile)

/** Scores of 0 to 100, on Lighthouse's own slow telephone. @param cookie of somebody who is signed in */
export async function scoresOf(url: string, cookie: string | null): Promise<Record<Category, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'lighthouse-'))
  const report = join(folder, 'report.json')
  const headers = join(folder, 'headers.json')
  try {
    // Not as an argument: what a process is called with, everybody on the machine can read.
    await writeFile(headers, JSON.stringify(cookie === null ? {} : { cookie }), { mode: 0o600 })
    await run(
      'npx',
      [
        '--yes',
        PACKAGE,
        url,
        '--quiet',
        `--only-categories=${CATEGORIES.join(',')}`,
        `--extra-headers=${headers}`,
        '--output=json',
        `--output-path=${report}`,
        '--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage',
      ],
      { env: { ...process.env, CHROME_PATH: process.env['CHROMIUM_PATH'] } },
    )
    const { categories, finalDisplayedUrl } = JSON.parse(await readFile(report, 'utf8')) as Report
    if (finalDisplayedUrl !== url) throw new Error(`${url} led to ${finalDisplayedUrl}`)
    return Object.fromEntries(
      CATEGORIES.map((name) => [name, Math.round((categories[name]?.score ?? 0) * 100)]),
    ) as Record<Category, number>
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Report {
  finalDisplayedUrl: string
  categories: Partial<Record<Category, { score: number | null }>>
}
