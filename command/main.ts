import { runCli, type Entry } from './run.ts'
import { terminalOf } from './terminal.ts'

const ENTRIES: readonly Entry[] = [
  {
    name: 'login',
    summary: 'get a token for this machine; you approve it in a browser anywhere',
    load: async () => (await import('./login.ts')).login,
  },
  {
    name: 'connect',
    summary: "put an instance into an MCP client's config file",
    load: async () => (await import('./connect/connect.ts')).connect,
  },
  {
    name: 'header',
    summary: 'print the header for an MCP server, as Claude Code asks for it',
    load: async () => (await import('./header.ts')).header,
  },
  {
    name: 'bridge',
    summary: 'stand between a client that starts programs and an MCP server',
    load: async () => (await import('./bridge.ts')).bridge,
  },
  {
    name: 'whoami',
    summary: 'say whose the token is, and what it is worth where',
    load: async () => (await import('./whoami.ts')).whoami,
  },
  {
    name: 'tokens list',
    summary: 'list the tokens that this machine keeps, and whether they are live',
    load: async () => (await import('./tokens-list.ts')).tokensList,
  },
  {
    name: 'tokens revoke',
    summary: 'end a token that this machine keeps',
    load: async () => (await import('./tokens-revoke.ts')).tokensRevoke,
  },
  {
    name: 'tokens rotate',
    summary: 'replace a token that this machine keeps by a new one',
    load: async () => (await import('./tokens-rotate.ts')).tokensRotate,
  },
  {
    name: 'doctor',
    summary: 'find out why it does not work, and say what to do',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  {
    name: 'serve',
    summary: 'for operators: run beside a FlowFuse, for its people and instances',
    load: async () => (await import('../forge/cli/serve.ts')).serve,
  },
  {
    name: 'audit verify',
    summary: 'for operators: find changed, missing, inserted or displaced audit entries',
    load: async () => (await import('../forge/cli/audit-verify.ts')).auditVerify,
  },
  {
    name: 'keys status',
    summary: 'for operators: count what is still kept under which server key',
    load: async () => (await import('../forge/cli/keys-status.ts')).keysStatus,
  },
]

process.exitCode = await runCli(process.argv.slice(2), ENTRIES, terminalOf(process))
