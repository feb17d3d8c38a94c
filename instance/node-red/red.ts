import type { Fallback, Handler } from '../connect.ts'
import type { InstanceOptions } from '../options.ts'

/** What we use of Node-RED's runtime API (4.x), which has no types of its own. */
export interface Red {
  /** Absent when `httpNodeRoot` is false. */
  httpNode?: HttpNode
  settings: RedSettings
  log: Record<'info' | 'warn' | 'error', (message: string) => void>
  events: {
    on(event: string, listener: () => void): void
    off(event: string, listener: () => void): void
    once(event: string, listener: () => void): void
  }
  plugins: { registerPlugin(id: string, definition: { type: string; onadd(): void }): void }
  nodes: {
    createNode(node: RedNode, config: object): void
    registerType(type: string, constructor: (this: RedNode, config: never) => void): void
    getNode(id: string): object | null
  }
}

export interface RedSettings {
  /** Ours: false for `guard` leaves every route as it is. */
  forgePat?: InstanceOptions & { guard?: boolean }
  httpNodeMiddleware?: Fallback
  httpNodeCors?: unknown
  userDir?: string
  /** Inside an instance that a FlowFuse launcher started. */
  flowforge?: { forgeURL?: string; projectID?: string }
  httpStorage?: { token?: string }
  adminAuth?: { strategy?: { options?: { callbackURL?: unknown } } }
}

/** Node-RED's Express 4 application for flows. */
export interface HttpNode {
  (...args: Parameters<Handler>): void
  use(handler: Handler): void
  /** The application that this one is mounted in. */
  parent?: HttpNode
  _router?: { stack: { handle: unknown; route?: { path: unknown } }[] }
}

export interface RedNode {
  id: string
  type: string
  on(event: 'input', listener: InputListener): void
  on(event: 'close', listener: () => void): void
  send(message: Message): void
  status(status: { fill?: string; shape?: string; text?: string }): void
  warn(message: string): void
  error(message: string): void
}

export type InputListener = (
  this: RedNode,
  message: Message,
  send: (message: Message) => void,
  done: (error?: Error) => void,
) => void

export type Message = Record<string, unknown>
