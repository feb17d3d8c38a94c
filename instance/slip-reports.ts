import { SLIP_BATCH, type Slip, type SlipReport } from '../forge/contract/slips.ts'
import type { ForgeApi } from './forge-api.ts'

/**
 * Tells the forge that something was presented that is no token, so that the page of whoever waits for the first call
 * can say what is wrong. A hint and no evidence: one that is lost is not sent again.
 */
export interface SlipReports {
  /** Costs the request nothing. @param selector the public part of a damaged token, where it can be read */
  note(slip: Slip, selector: string | null): void
  close(): void
}

const PATH = '/api/v1/instance/slips'
/** A client that keeps trying is said once; a flood of made-up ones costs the forge a small request now and then. */
const PAUSE_MS = 5_000
const FIRST_MS = 200

export function createSlipReports(forge: ForgeApi): SlipReports {
  const seen = new Map<string, SlipReport['slips'][number]>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function wait(ms: number): void {
    timer = setTimeout(() => void send(), ms)
    timer.unref()
  }

  async function send(): Promise<void> {
    const slips = [...seen.values()]
    seen.clear()
    timer = undefined
    if (slips.length === 0) return

    wait(PAUSE_MS)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ slips } satisfies SlipReport)
    await forge(PATH, { method: 'POST', headers, body, expect: [204] }).catch(() => undefined)
  }

  return {
    note: (slip, selector) => {
      const key = `${slip} ${selector ?? ''}`
      if (closed || seen.has(key) || seen.size >= SLIP_BATCH) return

      seen.set(key, selector === null ? { slip } : { slip, selector })
      if (timer === undefined) wait(FIRST_MS)
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
