#!/usr/bin/env node
import { existsSync } from 'node:fs'

const cli = new URL('../dist/command/main.js', import.meta.url)

if (existsSync(cli)) {
  await import(cli.href)
} else {
  console.error('forge-pat: not built yet; run `npm run build` first.')
  process.exitCode = 2
}
