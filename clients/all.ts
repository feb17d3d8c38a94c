import { claudeCode } from './claude-code.ts'
import { claudeDesktop } from './claude-desktop.ts'
import type { McpClient } from './client.ts'
import { codex } from './codex.ts'
import { cursor } from './cursor.ts'
import { geminiCli } from './gemini-cli.ts'
import { vsCode } from './vs-code.ts'
import { windsurf } from './windsurf.ts'
import { zed } from './zed.ts'

/** Every client whose config file is known here. */
export const CLIENTS: readonly McpClient[] = [
  claudeCode,
  claudeDesktop,
  vsCode,
  cursor,
  windsurf,
  codex,
  geminiCli,
  zed,
]
