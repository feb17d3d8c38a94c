/** The least that a POST of a form can cost: the forge's Fastify and its body parser, and nothing behind them. */
import formbody from '@fastify/formbody'
import fastify from 'fastify'

import { announce } from './serve.mjs'

const schema = { response: { 200: { type: 'object', properties: { active: { type: 'boolean' } } } } }

const app = fastify()
await app.register(formbody)
app.post('/oauth/introspect', { schema }, async ({ body }) => ({ active: body.token !== '' }))
announce(await app.listen({ host: '127.0.0.1', port: 0 }), () => app.close())
