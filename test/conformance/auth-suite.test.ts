import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openTokenStore } from '../../command/store/token-store.ts'
import { createAccount } from '../command/support/run-command.ts'
import { NOT_OURS_AS_CLIENT, NOT_OURS_AS_SERVER } from './not-ours.ts'
import { startScene, type Scene } from './scene.ts'
import { runAuthorizationSuite, runClientSuite, type Check } from './suite.ts'

const BIN = fileURLToPath(new URL('../../bin/forge-pat.mjs', import.meta.url))

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

const scenariosOf = (checks: readonly Check[]) => [...new Set(checks.map(({ scenario }) => scenario))].sort()
const failuresOf = (checks: readonly Check[]) => checks.filter(({ status }) => status === 'FAILURE')

describe('the forge as the authorization server of the conformance suite', () => {
  it('fails the scenarios that do not apply, for the reasons that are listed, and no check beside', async () => {
    const { checks } = await runAuthorizationSuite(scene.forge.url, 'forge-pat')

    expect(scenariosOf(checks)).toEqual(Object.keys(NOT_OURS_AS_SERVER).sort())
    expect(
      Object.fromEntries(failuresOf(checks).map(({ scenario, errorMessage }) => [scenario, errorMessage])),
    ).toEqual(Object.fromEntries(Object.entries(NOT_OURS_AS_SERVER).map(([scenario, { error }]) => [scenario, error])))
    expect(failuresOf(checks)).toHaveLength(2)
    // Client id metadata documents are what the revision of 2026-07-28 prefers.
    expect(checks).toContainEqual(
      expect.objectContaining({ id: 'authorization-server-metadata-cimd', status: 'SUCCESS' }),
    )
  })
})

describe('the command as the client of the conformance suite', () => {
  it('fails the scenarios that do not apply, and shows none of their servers anything of the token that it keeps', async () => {
    const account = await createAccount()
    const record = {
      ...{ forge: scene.forge.url, name: 'laptop', username: 'alice', expiresAt: null },
      ...{ storedAt: '2026-01-01T00:00:00.000Z', wishes: { scope: 'mcp:read', resources: [] }, instances: [] },
    }
    await openTokenStore(account.env).add(record, (await scene.mint()).token)

    const { checks, output } = await runClientSuite(`${process.execPath} ${BIN} bridge`, account.env)

    expect(scenariosOf(checks)).toEqual(Object.keys(NOT_OURS_AS_CLIENT).sort())
    expect(scenariosOf(failuresOf(checks))).toEqual(Object.keys(NOT_OURS_AS_CLIENT).sort())
    expect(output).toContain('No token that is kept here reaches')
    // Whatever reaches one of the servers is noted as a check that says what it was.
    expect(checks.filter(({ status }) => status !== 'FAILURE')).toEqual([])
  })
})
