/**
 * Who may import whom. Arrows point one way:
 *
 *   contract <- errors <- sql <- housekeeping <- changes <- directory, policy, tools, limits <- access <- audit, notices
 *     <- tokens <- instances <- oversight, leaks, oauth, mcp <- index <- host <- flowfuse <- cli <- ../command
 *
 * Each name is a folder or file below `forge/`; what is not listed for it is forbidden.
 */
const base = ['./contract', './errors', './keys.ts', './tracer.ts', './soon.ts', './sql']
const middle = [
  ...base,
  './access',
  './directory',
  './audit',
  './policy',
  './tools',
  './housekeeping',
  './changes',
  './limits',
  './notices',
]
const tokens = [...middle, './tokens']
const asInstance = [...tokens, './instances']

const MODULE_LAYERS = {
  contract: [],
  sql: ['./contract', './errors'],
  errors: ['./contract'],
  'keys.ts': ['./contract', './errors'],
  'soon.ts': [],
  'tracer.ts': ['./soon.ts'],
  access: [...base, './directory'],
  changes: [...base, './housekeeping'],
  directory: [...base, './changes'],
  audit: [...base, './directory', './access', './housekeeping'],
  policy: base,
  tools: base,
  housekeeping: base,
  limits: [...base, './housekeeping'],
  notices: [...base, './directory', './access', './housekeeping'],
  tokens: middle,
  instances: tokens,
  oversight: asInstance,
  leaks: tokens,
  oauth: asInstance,
  mcp: asInstance,
  flowfuse: [...asInstance, './host', './index.ts'],
  cli: [...asInstance, './host', './flowfuse'],
}

const layerZones = Object.entries(MODULE_LAYERS).map(([layer, allowed]) => ({
  target: `./forge/${layer}`,
  from: './forge',
  except: [`./${layer}`, ...allowed],
  message: `forge/${layer} may import only ${allowed.length === 0 ? 'itself' : allowed.join(', ')} (docs/contribute/architecture.md).`,
}))

/** Zones of `import-x/no-restricted-paths`. */
export const zones = [
  ...layerZones,
  {
    target: './forge/index.ts',
    from: './forge/host',
    message: 'The module never imports its host: it reaches people and instances through forge/directory only.',
  },
  {
    target: ['./forge/host', './forge/flowfuse', './forge/index.ts'],
    from: './forge/cli',
    message: 'The command line stands on top: nothing imports it.',
  },
  {
    target: ['./forge/host', './forge/index.ts'],
    from: './forge/flowfuse',
    message: 'What runs beside a FlowFuse stands on the shell of our own host, never the other way round.',
  },
  {
    target: ['./forge', './migrations'],
    from: ['./frontend', './instance', './clients', './command', './scripts', './test'],
    message:
      'The forge stands alone: pages, instances, commands, scripts and tests import it, never the other way round.',
  },
  {
    target: './command',
    from: ['./frontend', './instance', './migrations', './scripts', './test'],
    message: 'The command carries nothing but itself, the clients, the contract and the commands for operators.',
  },
  {
    target: './command',
    from: './forge',
    except: ['./contract', './cli', './host/config-error.ts'],
    message:
      'The command starts fast: it knows the contract, and loads the commands for operators when they are called.',
  },
  {
    target: './clients',
    from: ['./frontend', './instance', './command', './migrations', './scripts', './test'],
    message: 'Pages and command share what knows the config files of clients; it stands on the contract alone.',
  },
  {
    target: Object.keys(MODULE_LAYERS).map((layer) => `./forge/${layer}`),
    from: './migrations',
    message: 'Only what opens a database knows the migrations.',
  },
  {
    target: ['./instance', './frontend', './clients'],
    from: './forge',
    except: ['./contract'],
    message: 'Outside forge/ only the contract is known.',
  },
  {
    target: './instance',
    from: ['./frontend', './clients', './command', './migrations', './scripts', './test'],
    message: 'What runs inside an instance carries nothing but itself and the contract.',
  },
  {
    target: './frontend',
    from: ['./instance', './command', './migrations', './scripts', './test'],
    message: 'The pages carry nothing but themselves and the contract.',
  },
  {
    target: './migrations',
    from: './forge',
    message: 'Models change, history must not: a migration spells out its tables.',
  },
]

/** Packages that must not reach a Node-RED instance. */
export const serverPackages = ['fastify', 'fastify-*', '@fastify/*', 'sequelize', 'umzug', 'sqlite3', 'pg', 'argon2']
