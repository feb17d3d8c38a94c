import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { parseToken, TOKEN_PATTERN } from '../../forge/contract/token-format.ts'
import { STATUS_BY_CODE } from '../../forge/errors/forge-error.ts'

const below = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name))
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below.filter((path) => path.endsWith('.md'))]

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8')

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
    const local = links.filter((link) => !/^(https?:|#)/.test(link)).map((link) => link.replace(/#.*$/, ''))
    expect(local.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([])
  })

  it('shows no text that could be a real token', () => {
    const shaped = [...text.matchAll(/ffpat_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}/g)].map(([token]) => token)
    expect(shaped.filter((token) => parseToken(token) !== null)).toEqual([])
  })
})

it('lists every error code with its status', () => {
  const text = readFileSync('docs/user/errors.md', 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (\d{3}) /gm)].map(([, code = '', status]) => [code, Number(status)])
  expect(Object.fromEntries(rows)).toMatchObject(STATUS_BY_CODE)
})

it('gives secret scanners the pattern that the code uses', () => {
  expect(readFileSync('docs/user/when-a-token-leaks.md', 'utf8')).toContain(TOKEN_PATTERN.source)
})

it('names every variable that the forge reads', () => {
  const settings = readFileSync('docs/admin/settings.md', 'utf8')
  const code = ['config', 'module-settings'].map((name) => readFileSync(`forge/host/${name}.ts`, 'utf8')).join()
  const read = [...code.matchAll(/'([A-Z]+(?:_[A-Z]+)+|HOST|PORT)'/g)].map(([, name = '']) => name)

  expect(read).toContain('FORGE_SECRET_KEYS_OLD')
  expect(read.filter((name) => !settings.includes(`\`${name}\``))).toEqual([])
})
