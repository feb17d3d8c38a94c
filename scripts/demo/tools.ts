import { httpEndpoint, mcpServer, tab, type Flow } from './flows.ts'

export const MCP_PATH = '/mcp'
export const HTTP_PATH = '/hello'

/** The sample instance: a packing line with a counter, which people and agents look at and change. */
export const DEMO_FLOWS: Flow = [
  ...tab('Packing line'),
  ...mcpServer('line', { name: 'Packing line', path: MCP_PATH }, [
    {
      name: 'whoami',
      title: 'Who am I',
      description: 'Says as whom, and with which role, this connection calls the instance.',
      effect: 'read',
      code: 'const { user, team, readOnly } = msg._client\nmsg.payload = { user, team, readOnly }\nreturn msg',
    },
    {
      name: 'add_parcels',
      title: 'Add parcels',
      description: 'Adds to the number of parcels that were packed today, and answers the new number.',
      effect: 'write',
      properties: { count: { type: 'integer', minimum: 1, maximum: 1000, description: 'How many to add.' } },
      required: ['count'],
      code: `const parcels = (flow.get('parcels') ?? 0) + msg.payload.count
flow.set('parcels', parcels)
node.log(\`\${msg._client.user.username} added \${msg.payload.count} parcels\`)
msg.payload = { parcels }
return msg`,
    },
    {
      name: 'reset_line',
      title: 'Reset the line',
      description: 'Sets the number of parcels that were packed today back to zero. It cannot be undone.',
      effect: 'destroy',
      code: `flow.set('parcels', 0)
node.log(\`\${msg._client.user.username} reset the line\`)
msg.payload = { parcels: 0 }
return msg`,
    },
  ]),
  ...httpEndpoint(
    'hello',
    { method: 'get', url: HTTP_PATH },
    'msg.payload = { hello: msg.req.user.name, role: msg.req.user.role }\nreturn msg',
  ),
]
