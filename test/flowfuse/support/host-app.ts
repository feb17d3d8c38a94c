import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import type { Page } from '@playwright/test'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const tool = (path: string) => join(root, 'node_modules', path)

/** A small Vue application of somebody else's that has our pages among its own, built with the package as it is packed. */
export interface HostApp {
  /** Lets the browser find it below `/host/` of an address. */
  serve(page: Page, origin: string): Promise<void>
  remove(): Promise<void>
}

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

export async function buildHostApp(): Promise<HostApp> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-host-app-'))
  await cp(new URL('host-app', import.meta.url), folder, { recursive: true })
  await installPackage(folder)
  await run(process.execPath, [tool('typescript/bin/tsc'), '-p', folder])
  await run(process.execPath, [tool('vite/bin/vite.js'), 'build', '--base', '/host/'], { cwd: folder })

  return {
    async serve(page, origin) {
      await page.route(`${origin}/host/**`, async (route) => {
        const path = new URL(route.request().url()).pathname.replace('/host/', '')
        const file = extname(path) === '' ? 'index.html' : path
        await route.fulfill({
          contentType: TYPES[extname(file)] ?? 'application/octet-stream',
          body: await readFile(join(folder, 'dist', file)),
        })
      })
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The package as npm would get it, beside the host's own Vue. */
async function installPackage(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'forge-pat'), { recursive: true })
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: root })
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', join(modules, 'forge-pat'), '--strip-components', '1'])
  for (const name of ['vue', 'vue-router', 'vite']) await symlink(tool(name), join(modules, name))
}
