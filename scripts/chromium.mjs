import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { chromium } from '@playwright/test'

import { aptInstall, runs } from './apt.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** A Chromium that starts: CHROMIUM_PATH, else Playwright's own, else the system's; null without one. */
export function findChromium() {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) return works(chosen) ? chosen : null // an explicit choice is never replaced by another browser

  const folders = (process.env.PATH ?? '').split(delimiter)
  const system = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [chromium.executablePath(), ...system, MAC].filter((path) => existsSync(path)).find(works) ?? null
}

/**
 * A Chromium that starts, installed if need be and possible.
 * @throws {Error} that says what to do
 */
export function ensureChromium() {
  const found = findChromium()
  if (found) return found
  if (process.env.CHROMIUM_PATH) throw new Error(`CHROMIUM_PATH is ${process.env.CHROMIUM_PATH}, which does not start.`)

  const installed = aptInstall('chromium') ? findChromium() : null
  if (installed) return installed

  throw new Error(
    'The browser tests need Chromium and found none. Install it (Debian: apt-get install chromium; elsewhere: ' +
      'npx playwright install chromium), or set CHROMIUM_PATH to a Chromium or Chrome that you have.',
  )
}

// Ubuntu ships a chromium-browser that only says where to get the real one: being there is not enough.
function works(path) {
  return runs(path, ['--version'])
}
