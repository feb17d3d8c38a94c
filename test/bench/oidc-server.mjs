/**
 * `oidc-provider` with opaque access tokens in memory, in a Map, for its own adapter forgets all but a thousand things.
 * It sends its address, and answers the question `tokens` with a thousand access tokens.
 */
import { createServer } from 'node:http'

import Provider from 'oidc-provider'

import { announce } from './serve.mjs'

const CLIENT = { client_id: 'instance', client_secret: 'a secret of the instance' }
const TOKENS = 1_000

const stored = new Map()
class InMemory {
  constructor(name) {
    this.key = (id) => `${name} ${id}`
  }
  async find(id) {
    return stored.get(this.key(id))
  }
  async upsert(id, payload) {
    stored.set(this.key(id), payload)
  }
  async destroy(id) {
    stored.delete(this.key(id))
  }
}

const http = createServer()
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${http.address().port}`

const provider = new Provider(url, {
  adapter: InMemory,
  clients: [{ ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
})
http.on('request', provider.callback())

const client = await provider.Client.find(CLIENT.client_id)
const tokens = []
for (let n = 0; n < TOKENS; n++) tokens.push(await new provider.ClientCredentials({ client, scope: 'mcp:read' }).save())
process.on('message', (question) => question === 'tokens' && process.send(tokens))
announce(url)
