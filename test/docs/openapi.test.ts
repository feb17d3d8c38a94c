import { readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

import { describeApi, OPENAPI_FILE } from '../../scripts/openapi.ts'

it('keeps docs/api/openapi.json as npm run openapi writes it', async () => {
  expect(await readFile(OPENAPI_FILE, 'utf8')).toBe(await describeApi())
})
