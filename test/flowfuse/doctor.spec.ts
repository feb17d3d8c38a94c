import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, test } from './support/lane.ts'
import type { Site } from './support/site.ts'

const FORGE_PAT = fileURLToPath(new URL('../../bin/forge-pat.mjs', import.meta.url))

interface Examined {
  code: number | string | null | undefined
  /** What is wrong. Whether an instance listens at this moment is for other tests. */
  findings: { state: string; says: string }[]
}

function examine({ options }: Site): Promise<Examined> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [FORGE_PAT, 'doctor', '--json', ...options], (error, out, err) => {
      if (err !== '') return reject(new Error(err))
      const { findings } = JSON.parse(out) as Examined
      resolve({ code: error?.code ?? 0, findings: findings.filter(({ state }) => state === 'wrong') })
    })
  })
}

test('the doctor finds nothing wrong, and says so when FlowFuse is down', async ({ site }) => {
  expect(await examine(site)).toEqual({ code: 0, findings: [] })

  await site.stopFlowFuse()
  try {
    const { code, findings } = await examine(site)
    expect(code).toBe(1)
    expect(findings.map(({ says }) => says)).toEqual([
      expect.stringContaining('FlowFuse does not answer at'),
      expect.stringContaining('FlowFuse does not answer at'),
    ])
  } finally {
    await site.startFlowFuse()
  }
})
