import { join } from 'node:path'

import { Ajv } from 'ajv'

import { ToolRulesSchema, type ToolRule } from '../../forge/contract/tool-registry.ts'
import { ForgeUnavailableError, type ForgeApi } from '../forge-api.ts'
import { pause } from '../pause.ts'
import { readState, writeState } from '../state-file.ts'
import { troubleLog } from '../trouble.ts'
import { createWorker } from '../worker.ts'

/** What the owners of the team have said about the tools of this instance. */
export interface ToolRules {
  /** False until the forge, or a file of an earlier run, has said once what the rules are. */
  isKnown(): boolean
  /** Waits for them, but not for long. */
  known(): Promise<boolean>
  ruleFor(server: string, tool: string): ToolRule | null
  /** They may have changed. Settles when the forge was asked. */
  refresh(): Promise<void>
  close(): void
}

interface RulesOptions {
  stateFolder: string | null
  /** Tells the rules of one instance from another's that had the folder before. */
  owner: string
  isLive: () => boolean
  log: (message: string) => void
}

const PATH = '/api/v1/instance/tool-rules'
/** How often they are asked for while nothing is pushed. */
const POLL_MS = 30_000
/** How long a call waits for the first answer of a forge. */
const FIRST_ANSWER_MS = 2_000

interface RulesFile {
  owner: string
  etag: string | null
  rules: ToolRule[]
}

const ajv = new Ajv()
const isRules = ajv.compile<{ rules: ToolRule[] }>(ToolRulesSchema)

/**
 * Holds the tool rules of this instance: asks the forge at the start, when it says so, and every half minute while it
 * pushes nothing. They are kept on disk, and hold while the forge is away.
 */
export function holdToolRules(forge: ForgeApi, { stateFolder, owner, isLive, log }: RulesOptions): ToolRules {
  const path = stateFolder === null ? null : join(stateFolder, 'tool-rules.json')
  const kept = path === null ? null : readKept(path, owner)
  let etag = kept?.etag ?? null
  let rules = kept && indexed(kept.rules)

  async function ask(): Promise<void> {
    const headers = etag === null ? {} : { 'if-none-match': etag }
    const response = await forge(PATH, { headers, expect: [200, 304] })
    if (response.status === 304) return

    const answer: unknown = await response.json().catch(() => null)
    if (!isRules(answer)) throw new ForgeUnavailableError('What the forge says are tool rules is none.')
    rules = indexed(answer.rules)
    etag = response.headers.get('etag')
    if (path !== null) keep(path, { owner, etag, rules: answer.rules }, log)
  }

  const worker = createWorker(
    ask,
    troubleLog(log, {
      unexpected: 'Asking the forge for tool rules failed unexpectedly.',
      over: 'The forge tells the tool rules again.',
    }),
  )
  const first = worker.hurry()
  const poll = setInterval(() => isLive() || worker.wake(), POLL_MS)
  poll.unref()

  return {
    isKnown: () => rules !== null,
    known: async () => {
      if (rules === null) await Promise.race([first, pause(FIRST_ANSWER_MS)])
      return rules !== null
    },
    ruleFor: (server, tool) => rules?.get(keyOf(server, tool)) ?? null,
    refresh: () => worker.hurry(),
    close: () => {
      clearInterval(poll)
      worker.close()
    },
  }
}

function indexed(rules: readonly ToolRule[]): Map<string, ToolRule> {
  return new Map(rules.map((rule) => [keyOf(rule.server, rule.tool), rule]))
}

/** No path of a server has a blank in it. */
function keyOf(server: string, tool: string): string {
  return `${server} ${tool}`
}

function readKept(path: string, owner: string): RulesFile | null {
  const file = readState(path)
  if (!isObject(file) || file['owner'] !== owner) return null

  const { etag, rules } = file
  const kept = { rules }
  return isRules(kept) ? { owner, etag: typeof etag === 'string' ? etag : null, rules: kept.rules } : null
}

function keep(path: string, file: RulesFile, log: (message: string) => void): void {
  try {
    writeState(path, file)
  } catch (error) {
    log(`The tool rules cannot be kept in ${path}: ${(error as Error).message}`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
