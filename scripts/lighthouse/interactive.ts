import { chromium, type Cookie } from '@playwright/test'

const SLOWER = 4

/**
 * Runs in the page: from the start of the navigation until the list is there and has been drawn, and no piece of work of
 * more than 50 ms is under way any more.
 */
const MEASURE = `
  let lastLong = 0
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) lastLong = Math.max(lastLong, startTime + duration)
  }).observe({ type: 'longtask', buffered: true })
  const watcher = new MutationObserver(() => {
    if (document.querySelector('tbody tr') === null) return
    watcher.disconnect()
    requestAnimationFrame(() => setTimeout(() => {
      const drawn = performance.now()
      setTimeout(() => { window.inUseAfter = Math.round(Math.max(drawn, lastLong)) }, 1000)
    }))
  })
  watcher.observe(document, { childList: true, subtree: true })
`

/** When the settings page, opened for the first time, can be used: in milliseconds, the fastest first. */
export async function timeToUse(baseUrl: string, cookies: Cookie[], runs: number): Promise<number[]> {
  const executablePath = process.env['CHROMIUM_PATH']
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  try {
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      // Of its own each time: nothing is in its cache.
      const context = await browser.newContext()
      await context.addCookies(cookies)
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
      await page.addInitScript(MEASURE)
      await page.goto(`${baseUrl}/settings/tokens`)
      const answer = await page.waitForFunction(() => (globalThis as { inUseAfter?: number }).inUseAfter)
      times.push((await answer.jsonValue()) ?? Infinity)
      await context.close()
    }
    return times.sort((a, b) => a - b)
  } finally {
    await browser.close()
  }
}
