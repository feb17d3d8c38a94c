import type { Environment } from '../host/config-error.ts'
import { UsageError, type Command, type Values } from './command.ts'

/** Each option is another way to say a variable, and wins over it. */
const VARIABLES = {
  'flowfuse-url': 'FLOWFUSE_URL',
  'flowfuse-database': 'FLOWFUSE_DATABASE',
  'flowfuse-instance-id': 'FLOWFUSE_INSTANCE_ID',
  'base-url': 'BASE_URL',
  database: 'DATABASE_URL',
  listen: 'HOST',
  port: 'PORT',
  'trust-proxy': 'TRUST_PROXY',
} as const

/** The options that say where FlowFuse is, for every command that wants to know. */
export const FLOWFUSE_OPTIONS = {
  host: { type: 'string' },
  ...Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, { type: 'string' as const }])),
} satisfies Command['options']

export const FLOWFUSE_OPTIONS_HELP = `  --host flowfuse              what forge-pat stands beside
  --flowfuse-url <url>         where this process reaches FlowFuse, http://127.0.0.1:3000 (FLOWFUSE_URL)
  --flowfuse-database <url>    FlowFuse's own database, sqlite:path/to/forge.db or postgres://… (FLOWFUSE_DATABASE)
  --flowfuse-instance-id <id>  FlowFuse's setting instanceId, where its database does not let us read it
                               (FLOWFUSE_INSTANCE_ID)
  --base-url <url>             FlowFuse's address with our path, https://flowfuse.example.com/pat (BASE_URL)
  --database <url>             our own database; sqlite:var/forge-pat.db unless given (DATABASE_URL)
  --listen <address>           127.0.0.1 unless given (HOST)
  --port <port>                3000 unless given (PORT)
  --trust-proxy <addresses>    the proxies whose X-Forwarded-For is believed (TRUST_PROXY)`

/** The environment as it would be if the options were variables. @throws {UsageError} */
export function environmentOf(values: Values, env: Environment): Environment {
  if (values['host'] !== 'flowfuse') throw new UsageError('--host must be flowfuse.')

  const given = Object.entries(VARIABLES).flatMap(([option, variable]): [string, string][] => {
    const value = values[option]
    return typeof value === 'string' ? [[variable, value]] : []
  })
  return { ...env, ...Object.fromEntries<string>(given) }
}
