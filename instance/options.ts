import type { ConnectMiddleware, Fallback } from './connect.ts'

/** What the host says about itself. Everything that is required may come from the environment instead. */
export interface InstanceOptions {
  /** The forge's base URL, mount path included. Environment: FORGE_URL. */
  forgeUrl?: string | undefined
  /** This instance's id; with it the credential is sent as HTTP Basic. Environment: FORGE_PROJECT_ID. */
  instanceId?: string | undefined
  /** This instance's own credential (`fft_…`). Environment: FORGE_PROJECT_TOKEN. */
  instanceToken?: string | undefined
  /** The URL at which clients reach this instance, `httpNodeRoot` included. Environment: FORGE_RESOURCE_URL. */
  resourceUrl?: string | undefined
  /** What the protected-resource metadata calls this instance; its host name unless given. */
  resourceName?: string | undefined
  /** Paths below `resourceUrl` that serve MCP; `/mcp` unless given. */
  mcpPaths?: Iterable<string> | undefined
  /** Origins of web pages that may call the MCP paths, beside the instance's own. */
  allowedOrigins?: readonly string[] | undefined
  /** The host's own check. It gets, untouched, every request whose credential is of another kind, or a browser's. */
  fallback?: Fallback | undefined
  /**
   * Puts the gate in front of MCP servers that are not built with our nodes or `guardTools`, by looking at what passes:
   * at every path of `mcpPaths` that has no gate of its own.
   */
  inspectBody?: boolean | undefined
  /**
   * A folder of this instance's own, made when it is missing: tool rules and calls that are not yet reported outlive
   * the process there. Environment: FORGE_STATE_FOLDER. Without one they are held in memory only.
   */
  stateFolder?: string | undefined
  /** Gets sentences for the operator, without secrets; a process warning unless given. */
  log?: ((message: string) => void) | undefined
}

export interface InstanceSettings {
  forgeUrl: string
  instanceId: string | undefined
  instanceToken: string
  resourceUrl: URL
  resourceName: string
  mcpPaths: Set<string>
  allowedOrigins: ReadonlySet<string>
  fallback: readonly ConnectMiddleware[] | null
  inspectBody: boolean
  stateFolder: string | null
  log: (message: string) => void
}

/** The part that asking the forge needs. */
export type IntrospectorOptions = Pick<InstanceOptions, 'forgeUrl' | 'instanceId' | 'instanceToken' | 'log'>
export type IntrospectorSettings = Pick<InstanceSettings, 'forgeUrl' | 'instanceId' | 'instanceToken' | 'log'>

/** A missing or bad option; the message is one sentence for the operator. */
export class OptionError extends Error {
  override name = 'OptionError'
}

type Environment = Record<string, string | undefined>

/** @throws {OptionError} */
export function readInstanceOptions(options: InstanceOptions, env: Environment = process.env): InstanceSettings {
  const resourceUrl = readUrl('resourceUrl', 'FORGE_RESOURCE_URL', options.resourceUrl ?? env['FORGE_RESOURCE_URL'])

  return {
    ...readIntrospectorOptions(options, env),
    resourceUrl,
    resourceName: options.resourceName ?? resourceUrl.host,
    mcpPaths: new Set(Array.from(options.mcpPaths ?? ['/mcp'], readPath)),
    allowedOrigins: new Set([resourceUrl.origin, ...(options.allowedOrigins ?? []).map(readOrigin)]),
    fallback: readFallback(options.fallback),
    inspectBody: options.inspectBody ?? false,
    stateFolder: (options.stateFolder ?? env['FORGE_STATE_FOLDER']) || null,
  }
}

/** @throws {OptionError} */
export function readIntrospectorOptions(
  options: IntrospectorOptions,
  env: Environment = process.env,
): IntrospectorSettings {
  return {
    forgeUrl: withoutTrailingSlash(readUrl('forgeUrl', 'FORGE_URL', options.forgeUrl ?? env['FORGE_URL']).href),
    instanceId: (options.instanceId ?? env['FORGE_PROJECT_ID']) || undefined,
    instanceToken: readCredential(options.instanceToken ?? env['FORGE_PROJECT_TOKEN']),
    log: options.log ?? warn,
  }
}

function readUrl(option: string, variable: string, text: string | undefined): URL {
  if (!text) throw new OptionError(`${option} (or the environment variable ${variable}) is missing.`)

  const url = URL.canParse(text) ? new URL(text) : null
  const plain = url && !url.search && !url.hash && !url.username && !url.password
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new OptionError(
      `${option} (or ${variable}) must be an http or https URL without user, query and fragment; it is "${text}".`,
    )
  }
  return url
}

function readCredential(text: string | undefined): string {
  if (!text) throw new OptionError('instanceToken (or the environment variable FORGE_PROJECT_TOKEN) is missing.')
  // What is not a b64token (RFC 6750 section 2.1) is a slip of the hand, and could break out of the header.
  if (!/^[\w.~+/-]+=*$/.test(text)) {
    throw new OptionError('instanceToken (or FORGE_PROJECT_TOKEN) holds characters that no credential has.')
  }
  return text
}

function readPath(path: string): string {
  if (!path.startsWith('/')) throw new OptionError(`mcpPaths: a path starts with a slash; this one is "${path}".`)
  return path
}

function readOrigin(origin: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/*\s]+$/i.test(origin)) {
    throw new OptionError(`allowedOrigins: "${origin}" is no origin; write one like https://app.example.com.`)
  }
  return origin.toLowerCase()
}

function readFallback(fallback: Fallback | undefined): ConnectMiddleware[] | null {
  if (fallback === undefined) return null

  const chain = [fallback].flat()
  if (!chain.every((step) => typeof step === 'function')) {
    throw new OptionError('fallback must be a middleware function, or a list of them.')
  }
  return chain
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function warn(message: string): void {
  process.emitWarning(message, 'ForgePatWarning')
}
