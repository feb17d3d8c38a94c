import { LRUCache } from 'lru-cache'

import { keptArguments } from '../../forge/contract/kept-arguments.ts'
import type { CallOutcome, ReportedCall } from '../../forge/contract/tool-calls.ts'
import type { CallLog } from '../call-log/call-log.ts'
import { uuid7 } from '../call-log/uuid7.ts'
import type { Caller } from '../caller.ts'
import { GATE_UNAVAILABLE, GateError, mayCall, type DescribedTool, type Permission } from './may-call.ts'
import { clip, visible } from './reported-tools.ts'
import type { ToolRules } from './tool-rules.ts'

/** What MCP clients say they are. */
export interface ClientInfo {
  name: string
  version: string
}

/** A call of a tool that somebody wants to make. */
export interface WantedCall {
  caller: Caller
  server: string
  tool: string
  args: Record<string, unknown>
  /** JSON-RPC id. */
  requestId: string | number
  /** As the request itself says it (2026-07-28). */
  clientInfo?: ClientInfo | null
}

/** A call that is being made; it is told once how it ended. Settles when that is logged. */
export type OpenCall = (outcome: CallOutcome, reason?: string) => Promise<void>

/** Decides about calls of tools at this instance, by the rules of its forge, and logs each. */
export interface ToolGate {
  /** @throws {GateError} GATE_UNAVAILABLE: nothing can be decided or logged at the moment */
  ready(): Promise<void>
  /** The same without waiting: false when it must be waited for. @throws {GateError} */
  isReady(): boolean
  mayCall(caller: Caller, server: string, tool: DescribedTool): Permission
  offeredTo<Tool extends DescribedTool>(caller: Caller, server: string, tools: readonly Tool[]): Tool[]
  open(call: WantedCall): OpenCall
  /** What a client said at `initialize`, for the calls that follow with the same token from the same program. */
  rememberClient(caller: Caller, info: ClientInfo): void
}

const MAX_CLIENTS = 1_000
const MAX_DURATION_MS = 86_400_000

export function createToolGate({ rules, calls }: { rules: ToolRules; calls: CallLog }): ToolGate {
  const clients = new LRUCache<string, string>({ max: MAX_CLIENTS })

  function isReady(): boolean {
    if (!calls.hasRoom()) throw new GateError(GATE_UNAVAILABLE, LOG_FULL, { retryAfterSeconds: 30 })
    return rules.isKnown()
  }

  const gate: ToolGate = {
    isReady,
    ready: async () => {
      if (isReady() || (await rules.known())) return
      throw new GateError(GATE_UNAVAILABLE, RULES_UNKNOWN, { retryAfterSeconds: 5 })
    },
    mayCall: (caller, server, tool) => mayCall(caller, tool, rules.ruleFor(server, tool.name)),
    offeredTo: (caller, server, tools) => tools.filter((tool) => gate.mayCall(caller, server, tool).allowed),
    open: (call) => {
      const at = Date.now()
      const startedAt = performance.now()
      return (outcome, reason) =>
        calls.append({
          id: uuid7(at),
          auditRef: call.caller.auditRef,
          at: new Date(at).toISOString(),
          server: call.server,
          tool: nameOf(call.tool),
          outcome,
          ...(reason === undefined ? {} : { reason }),
          durationMs: Math.min(Math.round(performance.now() - startedAt), MAX_DURATION_MS),
          ...describe(call, clients.get(clientKey(call.caller))),
          ...keptOf(call, rules),
        })
    },
    rememberClient: (caller, info) => void clients.set(clientKey(caller), nameAndVersion(info)),
  }
  return gate
}

const RULES_UNKNOWN =
  'The forge has not yet said who may call which tool here, so no tool can be called. Try again in a moment.'
const LOG_FULL =
  'The forge cannot be reached and the log of calls is full, so no tool can be called until it is back. Try again later.'

function clientKey({ tokenId, presenter }: Caller): string {
  return `${tokenId} ${presenter.client ?? ''}`
}

function nameAndVersion({ name, version }: ClientInfo): string {
  return `${name} ${version}`
}

/** A caller may ask for a tool of any name; the log takes what a name can be. */
function nameOf(tool: string): string {
  return clip(visible(tool), 128) || '?'
}

type Described = Pick<ReportedCall, 'client' | 'address' | 'requestId'>

function describe({ caller, clientInfo, requestId }: WantedCall, remembered: string | undefined): Described {
  const { client: userAgent = '', address } = caller.presenter
  const client = clip(visible(clientInfo ? nameAndVersion(clientInfo) : (remembered ?? userAgent)), 200)
  return {
    ...(client === '' ? {} : { client }),
    ...(address ? { address: clip(address, 64) } : {}),
    requestId: clip(visible(String(requestId)), 128),
  }
}

/** Only where an owner has said so for this tool. */
function keptOf({ server, tool, args }: WantedCall, rules: ToolRules): Pick<ReportedCall, 'arguments'> {
  const keep = rules.ruleFor(server, tool)?.keepArguments
  const kept = keep ? keptArguments(args, keep.redact) : null
  return kept ? { arguments: kept } : {}
}
