import type { Token, TokenUsage, Use } from '../../forge/contract/token.ts'
import { DAY_MS, type Sample } from './sample.ts'

const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString()

/** Tokens with the past that they would have on a forge that has run for a while. */
export function aged(tokens: readonly Token[], { packer }: Sample): Token[] {
  const use = (days: number, client: string): Use => ({
    at: ago(days),
    instanceId: packer.id,
    instanceName: packer.name,
    client,
    address: '203.0.113.7',
  })
  const past: Record<string, Partial<Token>> = {
    'Claude Code on my laptop': { createdAt: ago(12), lastUse: use(0.09, 'claude-code 2.1') },
    'Cursor, night shift': { createdAt: ago(21), lastUse: use(1.3, 'cursor 1.9') },
    'n8n morning report': { createdAt: ago(65), lastUse: use(0.3, 'n8n 1.120') },
    'Meter script': { createdAt: ago(190), lastUse: use(48, 'curl/8.5') },
    'Old laptop': { createdAt: ago(120), revokedAt: ago(3), lastUse: use(5, 'claude-code 2.0') },
  }
  return tokens.map((token) => ({ ...token, ...past[token.name] }))
}

/** Thirty days of use, busier on working days. @param now epoch ms */
export function usageOf(now: number): TokenUsage {
  const days = Array.from({ length: 30 }, (_, index) => new Date(now - (29 - index) * DAY_MS))
  return {
    days: days.map((day, index) => ({
      day: day.toISOString().slice(0, 'YYYY-MM-DD'.length),
      uses: index < 17 || [0, 6].includes(day.getUTCDay()) ? 0 : 6 + ((index * 7) % 23),
    })),
  }
}
