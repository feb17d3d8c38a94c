import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { createCertificate } from './support/certificate.ts'
import { nowhere, startProxy } from './support/proxy.ts'
import { createAccount, type Account } from './support/run-command.ts'
import { startSmallForge } from './support/small-forge.ts'

const instances = [{ name: 'Line 4', url: 'https://line-4.example.com' }]
const login = (url: string, ...more: string[]) => ['login', '--forge', url, ...more]
const secretFiles = (account: Account, text: string) => account.files().filter((file) => file.text.includes(text))

describe('forge-pat login', () => {
  it('shows code, address and QR code, and keeps the token where only its owner reads', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ polls: ['authorization_pending', 'token'], instances })

    const { code, out, err } = await account.run(login(forge.url))
    expect(code).toBe(0)
    expect(err).toContain('WDJB-MJHT')
    expect(err).toContain(`${forge.url}/device`)
    expect(err).toMatch(/[▀▄█]{10}/)
    expect(out).toMatch(/^Signed in as alice with the token "laptop 000" \(member\)\.\nIt reaches Line 4,/)

    const [text = ''] = forge.issued
    expect(out + err).not.toContain(text)
    expect(secretFiles(account, text)).toEqual([
      expect.objectContaining({ mode: 0o600, path: expect.stringContaining('.local/state/forge-pat/tokens/') }),
    ])
    expect(statSync(dirname(secretFiles(account, text)[0]?.path ?? '')).mode & 0o777).toBe(0o700)
    expect(out + err).not.toContain('\x1b')
  })

  it('asks for what was wished, as the built-in client', async () => {
    const account = await createAccount()
    const forge = await startSmallForge()
    await account.run(
      login(forge.url, '--read-only', '--resource', 'https://a.example.com', '--resource', 'https://b.example.com'),
    )

    const asked = forge.bodies[forge.requests.indexOf('POST /oauth/device_authorization')]
    expect(Object.fromEntries(asked ?? [])).toMatchObject({ client_id: 'forge-pat', scope: 'mcp:read' })
    expect(asked?.getAll('resource')).toEqual(['https://a.example.com', 'https://b.example.com'])
  })

  it('prints JSON, one object a line, without any secret', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ instances })

    const { out, err } = await account.run(login(forge.url, '--json'))
    const [first, second] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first).toMatchObject({ event: 'code', userCode: 'WDJB-MJHT', expiresInSeconds: 600 })
    expect(second).toMatchObject({ event: 'stored', username: 'alice', instances })
    expect(out + err).not.toMatch(/ffpat_|device-code/)
  })

  it.each([
    ['access_denied', /denied in the browser\. Nothing was stored/],
    ['expired_token', /expired before anybody approved it/],
  ] as const)('says %s in plain words, stores nothing, and exits 1', async (answer, words) => {
    const account = await createAccount()
    const { code, err } = await account.run(login((await startSmallForge({ polls: [answer] })).url))

    expect(err).toMatch(words)
    expect(code).toBe(1)
    expect(account.files()).toEqual([])
  })

  it('works at a forge behind a path prefix', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ prefix: '/deep/pat', instances })

    expect((await account.run(login(`${forge.url}/`))).code).toBe(0)
    expect(forge.requests[0]).toBe('GET /.well-known/oauth-authorization-server/deep/pat')
    expect((await account.run('whoami')).out).toContain(`Alice (alice) at ${forge.url}`)
  })

  it('does not let one forge speak for another', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ issuer: 'https://other.example.com' })

    const { code, err } = await account.run(login(forge.url))
    expect(err).toContain('Say --forge https://other.example.com/.')
    expect(code).toBe(2)
    expect(forge.requests).toHaveLength(1)
  })

  it.each([
    ['http://forge.example.com', /not https/],
    ['forge.example.com', /address such as/],
    ['http://localhost.invalid', /not https/],
  ])('explains what is wrong with %s, and exits 2', async (url, words) => {
    const { code, err } = await (await createAccount()).run(login(url))

    expect(err).toMatch(words)
    expect(code).toBe(2)
  })

  it('says where nothing listens', async () => {
    const url = await nowhere()
    const { code, err } = await (await createAccount()).run(login(url))

    expect(err).toContain(`Nothing listens at ${new URL(url).host}`)
    expect(code).toBe(2)
  })

  it('asks which forge, where none is known', async () => {
    expect(await (await createAccount()).run('login')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Which forge?'),
    })
  })
})

describe('Ctrl-C during forge-pat login', () => {
  it('leaves nothing behind while it waits', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ polls: ['authorization_pending'] })
    const { child, ended } = account.start(login(forge.url))
    await vi.waitFor(() => expect(forge.requests).toContain('POST /oauth/token'), { timeout: 20_000, interval: 10 })

    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 130, out: '' })
    expect(account.files()).toEqual([])
  })

  it('ends the token at the forge that was on its way', async () => {
    const account = await createAccount()
    const forge = await startSmallForge()
    const { child, ended } = account.start(login(forge.url))
    forge.onPoll = () => void child.kill('SIGINT')

    expect((await ended).code).toBe(130)
    expect(forge.issued).toHaveLength(1)
    expect([...forge.revoked]).toEqual(forge.issued)
    expect(account.files()).toEqual([])
  })
})

describe('a keychain', () => {
  /** The program of libsecret, as far as it is called: a store in a folder, and a note of every call's arguments. */
  function installSecretTool(account: Account, { broken = false } = {}): string {
    const folder = join(account.home, 'keychain')
    const bin = join(account.home, 'bin')
    mkdirSync(folder)
    mkdirSync(bin)
    const script = `#!/bin/sh
echo "$@" >> '${folder}/calls'
${broken ? 'exit 1' : ''}
for last; do :; done
case "$1" in
  store) cat > '${folder}'/"$last" ;;
  lookup) cat '${folder}'/"$last" ;;
  clear) rm '${folder}'/"$last" ;;
esac
`
    writeFileSync(join(bin, 'secret-tool'), script)
    chmodSync(join(bin, 'secret-tool'), 0o755)
    account.env = {
      ...account.env,
      PATH: `${bin}:${account.env['PATH']}`,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    }
    return folder
  }

  it('keeps the token, which comes to it on stdin and is in no file of ours', async () => {
    const account = await createAccount()
    const keychain = installSecretTool(account)
    const forge = await startSmallForge({ instances })

    expect((await account.run(login(forge.url))).out).toContain('It is kept in the keyring of your session.')
    const [text = ''] = forge.issued
    expect(secretFiles(account, text).map(({ path }) => dirname(path))).toEqual([keychain])
    expect(readFileSync(join(keychain, 'calls'), 'utf8')).not.toContain(text)
    expect((await account.run('header --raw')).out).toBe(`${text}\n`)

    expect((await account.run(['tokens', 'revoke', 'laptop 000', '--yes'])).code).toBe(0)
    expect([...forge.revoked]).toEqual([text])
    expect(secretFiles(account, text)).toEqual([])
  })

  it('is passed over where it does not open', async () => {
    const account = await createAccount()
    installSecretTool(account, { broken: true })
    const forge = await startSmallForge({ instances })

    const { code, out } = await account.run(login(forge.url))
    expect(code).toBe(0)
    expect(out).toMatch(/It is kept in .*\/tokens\/sel000000000\.json\./)
    expect((await account.run('header --raw')).out).toBe(`${forge.issued[0]}\n`)
  })
})

describe('behind a proxy', () => {
  let certificate: ReturnType<typeof createCertificate>
  beforeAll(() => {
    certificate = createCertificate()
  })
  afterAll(() => certificate.remove())

  it('signs in through HTTPS_PROXY, at a forge with an authority of its own', async () => {
    const [account, proxy] = [await createAccount(), await startProxy()]
    const forge = await startSmallForge({ tls: certificate, prefix: '/pat', instances })
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate.file }

    expect((await account.run(login(forge.url), env)).code).toBe(0)
    expect(new Set(proxy.targets)).toEqual(new Set([new URL(forge.url).host]))

    const passed = proxy.targets.length
    expect((await account.run('whoami', { ...env, NO_PROXY: 'localhost' })).code).toBe(0)
    expect(proxy.targets).toHaveLength(passed)
  })

  it('says that a certificate is not trusted, and what to do', async () => {
    const forge = await startSmallForge({ tls: certificate })
    const { code, err } = await (await createAccount()).run(login(forge.url))

    expect(err).toContain('NODE_EXTRA_CA_CERTS')
    expect(code).toBe(2)
  })

  it('names a proxy that does not answer', async () => {
    const forge = await startSmallForge()
    const env = { HTTP_PROXY: 'http://user:hunter2@127.0.0.1:1' }
    const { code, err } = await (await createAccount()).run(login(forge.url), env)

    expect(err).toContain('the proxy 127.0.0.1:1')
    expect(err).not.toContain('hunter2')
    expect([code, forge.requests]).toEqual([2, []])
  })
})

describe('tokens that this machine keeps', () => {
  it('are listed with their state, replaced with the same wishes, and never typed', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ instances })
    await account.run(login(forge.url, '--read-only'))

    const rotated = await account.run(['tokens', 'rotate', 'laptop 000', '--json'])
    expect(rotated.code).toBe(0)
    expect(JSON.parse(rotated.out.trim().split('\n')[1] ?? '')).toMatchObject({ event: 'replaced', old: 'laptop 000' })
    expect([...forge.revoked]).toEqual([forge.issued[0]])
    expect(forge.bodies.filter((body) => body.get('scope') === 'mcp:read')).toHaveLength(2)

    expect(JSON.parse((await account.run('tokens list --json')).out)).toMatchObject({
      tokens: [{ name: 'laptop 001', state: 'live', kept: 'file' }],
    })
    forge.revoked.add(forge.issued[1] ?? '')
    const { out } = await account.run('tokens list')
    expect(out).toContain('refused')
    expect(out).toContain('The access token is expired or revoked.')
    expect((await account.run('whoami')).code).toBe(1)

    const typed = await account.run(['tokens', 'revoke', forge.issued[1] ?? '', '--yes'])
    expect(typed.err).toContain('Never type a token')
    expect(typed.err).not.toContain(forge.issued[1])
    expect(await account.run(['tokens', 'revoke', 'laptop 001'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    })
  })

  it('is kept when the forge did not say that it is ended', async () => {
    const account = await createAccount()
    const forge = await startSmallForge()
    await account.run(login(forge.url))
    const away = { HTTP_PROXY: 'http://127.0.0.1:1' }

    expect((await account.run(['tokens', 'revoke', 'laptop 000', '--yes'], away)).code).toBe(2)
    expect(secretFiles(account, forge.issued[0] ?? '')).toHaveLength(1)
  })
})

describe('forge-pat header', () => {
  it('gives the token to servers of its instances only', async () => {
    const account = await createAccount()
    const forge = await startSmallForge({ instances })
    await account.run(login(forge.url))
    const ask = (url: string, ...words: string[]) =>
      account.run(['header', ...words], { CLAUDE_CODE_MCP_SERVER_URL: url })

    const given = await ask('https://line-4.example.com/mcp')
    expect(JSON.parse(given.out)).toEqual({ Authorization: `Bearer ${forge.issued[0]}` })
    for (const url of ['https://line-4.example.com.evil.example/mcp', 'http://line-4.example.com/mcp', 'no address']) {
      const refused = await ask(url, '--url', 'https://line-4.example.com/mcp')
      expect([refused.code, refused.out]).toEqual([1, ''])
    }
    expect((await account.run('header')).err).toContain('CLAUDE_CODE_MCP_SERVER_URL')
  })

  it('learns of an instance that the token has come to reach', async () => {
    const account = await createAccount()
    const reach = [...instances]
    const forge = await startSmallForge({ instances: reach })
    await account.run(login(forge.url))
    reach.push({ name: 'Line 5', url: 'https://line-5.example.com' })

    expect((await account.run(['header', '--url', 'https://line-5.example.com/mcp'])).code).toBe(0)
  })
})

it('loads neither a server nor a database for what people do', async () => {
  const account = await createAccount()
  const [trace, hooks, log] = ['trace.mjs', 'hooks.mjs', 'loaded'].map((name) => join(account.home, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(trace, "import { register } from 'node:module'\nregister('./hooks.mjs', import.meta.url)\n")
  writeFileSync(
    hooks,
    `import { appendFileSync } from 'node:fs'
export async function resolve(name, context, next) {
  appendFileSync('${log}', name + '\\n')
  return next(name, context)
}\n`,
  )

  const { code } = await account.run('header --raw', { NODE_OPTIONS: `--import=${trace}` })
  expect(code).toBe(2)
  const loaded = readFileSync(log, 'utf8').split('\n')
  expect(loaded).toContain('./header.js')
  expect(loaded.filter((name) => name !== '' && !/^(node:|\.|file:)/.test(name))).toEqual([])
})
