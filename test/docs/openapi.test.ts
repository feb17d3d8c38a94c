import { readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

import { describeApi, OPENAPI_FILE } from '../../scripts/openapi.ts'

it('keeps docs/api/openapi.json as true as npm run openapi would make it', async () => {
  expect(JSON.parse(await readFile(OPENAPI_FILE, 'utf8'))).toEqual(await describeApi())
})
