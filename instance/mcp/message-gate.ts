import { ROLE_LEVELS } from '../../forge/contract/role-levels.ts'
import type { CallOutcome } from '../../forge/contract/tool-calls.ts'
import type { Caller } from '../caller.ts'
import type { ForgeLink } from '../forge-link.ts'
import { asRequest, clientInfoOf, isFields, rpcError, type Fields, type RpcError, type RpcRequest } from './json-rpc.ts'
import {
  GATE_UNAVAILABLE,
  GateError,
  refuseCall,
  TOOL_FORBIDDEN,
  type DescribedTool,
  type Permission,
} from './may-call.ts'
import { createWaiting, type Unanswered } from './unanswered.ts'

/** An answer of the gate in the place of the server's. */
export interface Refused {
  answer: RpcError
  /** Why, when a rule about a tool has refused it. */
  permission?: Extract<Permission, { allowed: false }>
}

/** Takes the messages between clients and an MCP server whose code we do not know through the tool gate. */
export interface MessageGate {
  /** What a client sends. Null at once: it may go on. Otherwise the answer, or null, when that is known and logged. */
  receive(message: unknown, caller: Caller | null): null | Promise<Refused | null>
  /** What the server sends, as its receiver may see it; later, when it ends a call, for that is logged first. */
  send(message: unknown): unknown
  /**
   * Nothing more is expected. A call that is still under way may be answered for so long, whether or not somebody waits
   * for it; after that what became of it is not known. Settles when each call is logged.
   */
  end(patienceMs: number): Promise<void>
}

export interface MessageGateOptions {
  server: string
  /** Whether what is learnt of its tools outlives the process. */
  keep: boolean
  /** Who gets what belongs to no request that came through here, such as an answer that is delivered again. */
  listener?: Caller
  /** Lets the server describe its tools, where that can be asked. */
  askTools?: () => Promise<void>
  /** Shared by those of one session: an answer may come with another request than that which asked. */
  unanswered?: Unanswered
}

/** What a caller below viewer is refused, beside tools. */
const READING = ['prompts/get', 'resources/read', 'resources/subscribe', 'completion/complete']
/** The lists of what they are not offered. */
const LISTS = ['prompts', 'resources', 'resourceTemplates']
const UNKNOWN_CALLER = new GateError(
  TOOL_FORBIDDEN,
  'This server answers callers whom its forge knows, and nobody else.',
)
const NO_VIEWER = new GateError(TOOL_FORBIDDEN, 'Prompts and resources need the role viewer. Do not ask again.')
const NO_ID = { code: -32_600, message: 'A call of a tool needs an id: it is answered.' }
/** Of two answers to one id nobody could say which is whose. */
const ID_IN_USE = { code: -32_600, message: 'Another request of this id is not answered yet. Use each id once.' }
const NOT_LOGGED =
  'The call was made, but it cannot be logged, so its answer is withheld. Tell whoever runs this server.'

export function createMessageGate(
  link: ForgeLink,
  { server, keep, listener, askTools, unanswered = new Map() }: MessageGateOptions,
): MessageGate {
  const { gate, registry } = link
  const waiting = createWaiting(unanswered)

  async function admitCall(caller: Caller, request: RpcRequest): Promise<Refused | null> {
    try {
      await gate.ready()
    } catch (error) {
      return { answer: rpcError(request.id, error as GateError) }
    }
    const name = String(request.params['name'])
    if (!registry.find(server, name)) await askTools?.()
    return judge(caller, request, name)
  }

  /** A tool that has never been described counts as the worst. */
  function judge(caller: Caller, request: RpcRequest, name: string): null | Promise<Refused> {
    const tool = registry.find(server, name) ?? { name }
    const permission = gate.mayCall(caller, server, tool)
    const args = isFields(request.params['arguments']) ? request.params['arguments'] : {}
    const call = { caller, server, tool: name, args, requestId: request.id, clientInfo: clientInfoOf(request) }
    const end = gate.open(call)
    if (permission.allowed && waiting.has(request.id)) {
      const refused = { answer: rpcError(request.id, ID_IN_USE) }
      return end('refused', 'id_in_use').then(
        () => refused,
        () => refused,
      )
    }
    if (permission.allowed) {
      waiting.add(request.id, { caller, end, tool: name })
      return null
    }
    return end('refused', permission.rule).then(
      () => ({ answer: rpcError(request.id, refuseCall(tool, permission)), permission }),
      () => ({ answer: rpcError(request.id, new GateError(GATE_UNAVAILABLE, NOT_LOGGED)) }),
    )
  }

  async function admitList(caller: Caller, { id }: RpcRequest): Promise<Refused | null> {
    try {
      await gate.ready()
    } catch (error) {
      return { answer: rpcError(id, error as GateError) }
    }
    if (waiting.has(id)) return { answer: rpcError(id, ID_IN_USE) }
    waiting.add(id, { caller, end: null, tool: '' })
    return null
  }

  function isReady(): boolean {
    try {
      return gate.isReady()
    } catch {
      return false
    }
  }

  function receive(message: unknown, caller: Caller | null): null | Promise<Refused | null> {
    const request = asRequest(message)
    if (!request) return receiveOther(message)

    const { id, method, params } = request
    const isTools = method === 'tools/call' || method === 'tools/list'
    if (!caller) return isTools || READING.includes(method) ? refuse(id, UNKNOWN_CALLER) : null

    if (method === 'initialize') {
      const info = clientInfoOf(request)
      if (info) gate.rememberClient(caller, info)
    }
    if (method === 'tools/call') {
      const isKnown = isReady() && registry.find(server, String(params['name'])) !== null
      return isKnown ? judge(caller, request, String(params['name'])) : admitCall(caller, request)
    }
    if (waiting.has(id)) return Promise.resolve({ answer: rpcError(id, ID_IN_USE) })
    if (READING.includes(method) && !isViewer(caller)) return refuse(id, NO_VIEWER)
    if (method === 'tools/list' && !isReady()) return admitList(caller, request)
    if (method.endsWith('/list')) waiting.add(id, { caller, end: null, tool: '' })
    return null
  }

  function receiveOther(message: unknown): null | Promise<Refused | null> {
    if (!isFields(message)) return null
    if (message['method'] === 'tools/call') return Promise.resolve({ answer: rpcError(null, NO_ID) })

    if (message['method'] === 'notifications/cancelled' && isFields(message['params'])) {
      // The server will not answer it; what it has done is not known.
      return (
        waiting
          .settle(message['params']['requestId'])
          ?.end?.('tool_error', 'cancelled')
          .then(
            () => null,
            () => null,
          ) ?? null
      )
    }
    return null
  }

  function send(message: unknown): unknown {
    if (!isFields(message) || 'method' in message || !('id' in message)) return message

    const pending = waiting.settle(message['id']) ?? { caller: listener, end: null, tool: '' }
    if (!pending.end)
      return isFields(message['result']) ? { ...message, result: shown(message['result'], pending.caller) } : message

    const { outcome, reason } = outcomeOf(message, registry.find(server, pending.tool) !== null)
    return pending.end(outcome, reason).then(
      () => message,
      () => rpcError(message['id'] as string | number, new GateError(GATE_UNAVAILABLE, NOT_LOGGED)),
    )
  }

  /** A list without what its receiver may not use; without anything where nobody knows who that is. */
  function shown(result: Fields, caller: Caller | undefined): Fields {
    const { tools } = result
    if (Array.isArray(tools)) {
      if (!caller) return { ...result, tools: [] }
      const described = tools.filter(isDescribed)
      registry.learn(server, described, { keep })
      return { ...result, tools: gate.offeredTo(caller, server, described) }
    }
    const list = LISTS.find((name) => Array.isArray(result[name]))
    return list === undefined || (caller && isViewer(caller)) ? result : { ...result, [list]: [] }
  }

  return {
    receive,
    send,
    end: async (patienceMs) => {
      await waiting.callsAnswered(patienceMs)
      await Promise.allSettled(waiting.giveUp().map(async ({ end }) => end?.('tool_error', 'no_answer')))
    },
  }
}

function refuse(id: string | number, error: GateError): Promise<Refused> {
  return Promise.resolve({ answer: rpcError(id, error) })
}

function isViewer({ role }: Caller): boolean {
  return role.level >= ROLE_LEVELS.viewer
}

function isDescribed(tool: unknown): tool is DescribedTool & Fields {
  return isFields(tool) && typeof tool['name'] === 'string'
}

/** -32602 is how servers say that there is no such tool, or that its arguments do not fit. */
function outcomeOf({ result, error }: Fields, isKnown: boolean): { outcome: CallOutcome; reason?: string } {
  if (isFields(error)) {
    if (error['code'] !== -32_602) return { outcome: 'tool_error' }
    return { outcome: 'refused', reason: isKnown ? 'bad_arguments' : 'unknown_tool' }
  }
  return { outcome: isFields(result) && result['isError'] === true ? 'tool_error' : 'ok' }
}
