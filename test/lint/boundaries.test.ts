import { readdirSync } from 'node:fs'

import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { beforeAll, describe, expect, it } from 'vitest'

// The real configuration without type information: imports need none, and it saves building the whole program.
const IMPORT_RULES = ['import-x/no-restricted-paths', 'no-restricted-imports']
const eslint = new ESLint({
  overrideConfig: [tseslint.configs.disableTypeChecked],
  ruleFilter: ({ ruleId }) => IMPORT_RULES.includes(ruleId),
})

/** What the import rules say about one file with this text. */
async function importErrors(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath })
  const messages = result?.messages ?? []
  expect(messages.filter((message) => message.fatal)).toEqual([])
  return messages.map((message) => message.ruleId ?? '')
}

beforeAll(async () => {
  await importErrors('forge/index.ts', '') // loads the configuration and its plugins once
}, 60_000)

it('knows every folder of the module', async () => {
  const folders = readdirSync('forge', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const config = await eslint.calculateConfigForFile('forge/index.ts')
  const { zones } = config.rules['import-x/no-restricted-paths'][1]
  const targets = new Set(zones.flatMap((zone: { target: string | string[] }) => zone.target))

  const unknown = folders.map(({ name }) => name).filter((name) => name !== 'host' && !targets.has(`./forge/${name}`))
  expect(unknown).toEqual([])
})

describe('forbidden imports', () => {
  it.each([
    ['forge/contract/made-up.ts', '../errors/forge-error.ts'],
    ['forge/errors/made-up.ts', '../access/decide.ts'],
    ['forge/keys.ts', './access/decide.ts'],
    ['forge/access/made-up.ts', '../audit/audit.ts'],
    ['forge/audit/made-up.ts', '../tokens/create-token.ts'],
    ['forge/directory/made-up.ts', '../access/decide.ts'],
    ['forge/tokens/made-up.ts', '../index.ts'],
    ['forge/tokens/made-up.ts', '../host/database.ts'],
    ['forge/tokens/made-up.ts', '../../migrations/index.ts'],
    ['forge/notices/made-up.ts', '../tokens/model.ts'],
    ['forge/oauth/made-up.ts', '../host/database.ts'],
    ['forge/index.ts', './host/database.ts'],
    ['forge/host/made-up.ts', '../../instance/middleware.ts'],
    ['forge/host/made-up.ts', '../../test/lint/boundaries.test.ts'],
    ['instance/made-up.ts', '../forge/errors/forge-error.ts'],
    ['instance/mcp/made-up.ts', '../../forge/access/decide.ts'],
    ['frontend/made-up.ts', '../forge/errors/forge-error.ts'],
    ['frontend/made-up.ts', '../instance/middleware.ts'],
    ['clients/made-up.ts', '../forge/errors/forge-error.ts'],
    ['clients/made-up.ts', '../frontend/http.ts'],
    ['forge/tokens/made-up.ts', '../../clients/mcp-server.ts'],
    ['forge/cli/made-up.ts', '../../command/run.ts'],
    ['instance/made-up.ts', '../clients/mcp-server.ts'],
    ['command/made-up.ts', '../forge/host/database.ts'],
    ['command/made-up.ts', '../forge/tokens/model.ts'],
    ['migrations/module/made-up.ts', '../../forge/keys.ts'],
  ])('%s never imports %s', async (file, source) => {
    expect(await importErrors(file, `import '${source}'\n`)).toEqual(['import-x/no-restricted-paths'])
  })

  it.each(['fastify', '@fastify/cookie', 'sequelize', 'pg', 'argon2'])('instance never imports %s', async (name) => {
    expect(await importErrors('instance/made-up.ts', `import '${name}'\n`)).toEqual(['no-restricted-imports'])
  })

  it.each(['forge/contract', 'clients'])('keeps Node out of %s', async (folder) => {
    expect(await importErrors(`${folder}/made-up.ts`, "import 'node:crypto'\n")).toEqual(['no-restricted-imports'])
  })
})

describe('allowed imports', () => {
  it.each([
    ['forge/errors/made-up.ts', '../contract/role.ts'],
    ['forge/access/made-up.ts', '../errors/forge-error.ts'],
    ['forge/tokens/made-up.ts', '../access/decide.ts'],
    ['forge/tokens/made-up.ts', '../keys.ts'],
    ['forge/tokens/made-up.ts', '../notices/tell.ts'],
    ['forge/host/made-up.ts', '../index.ts'],
    ['forge/host/made-up.ts', '../../migrations/index.ts'],
    ['instance/made-up.ts', '../forge/contract/token-format.ts'],
    ['frontend/made-up.ts', '../forge/contract/role.ts'],
    ['frontend/made-up.ts', '../clients/mcp-server.ts'],
    ['clients/made-up.ts', '../forge/contract/role.ts'],
    ['command/made-up.ts', '../clients/mcp-server.ts'],
    ['command/made-up.ts', '../forge/contract/whoami.ts'],
  ])('%s may import %s', async (file, source) => {
    expect(await importErrors(file, `import '${source}'\n`)).toEqual([])
  })
})
