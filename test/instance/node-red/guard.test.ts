import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'

import express from 'express'
import session from 'express-session'
import { describe, expect, it, onTestFinished } from 'vitest'

import { registerGuard } from '../../../instance/node-red/guard.ts'
import type { Red } from '../../../instance/node-red/red.ts'

type OnAdd = () => void

/** What FlowFuse's launcher brings: a check that needs a session, and the plugin that mounts it and takes browsers back. */
function flowFusePlugin(httpNode: express.Express): OnAdd {
  return () => {
    httpNode.use(session({ secret: 'a secret', resave: false, saveUninitialized: false }))
    httpNode.get('/_ffAuth/callback', (request, response) => {
      Object.assign(request.session, { ffSession: true })
      response.redirect('/who')
    })
  }
}

const flowFuseCheck: express.Handler = (request, response, next) => {
  if (Reflect.get(request.session, 'ffSession') === true) return next()
  response.redirect('https://flowfuse.example.com/account/authorize')
}

/** A Node-RED that loads the two plugins in an order, and then a node with a route. @returns its address */
async function startNodeRed(order: ('ours' | 'theirs')[]): Promise<string> {
  const httpNode = express()
  const events = new EventEmitter()
  const plugins: Record<string, OnAdd> = { theirs: flowFusePlugin(httpNode) }
  const nothing = () => undefined
  registerGuard({
    httpNode,
    events,
    log: { info: nothing, warn: nothing, error: nothing },
    plugins: { registerPlugin: (_id: string, { onadd }: { onadd: OnAdd }) => (plugins['ours'] = onadd) },
    settings: {
      httpNodeMiddleware: flowFuseCheck,
      forgePat: {
        forgeUrl: 'http://127.0.0.1:1',
        instanceId: 'line-4',
        instanceToken: 'fft_x',
        resourceUrl: 'https://line-4.example.com',
      },
    },
  } as unknown as Red)

  for (const name of order) {
    plugins[name]?.()
    events.emit('registry:plugin-added', name)
  }
  events.emit('type-registered', 'http in')
  httpNode.get('/who', (_request, response) => void response.json('in'))

  const server = httpNode.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.each([[['ours', 'theirs'] as const], [['theirs', 'ours'] as const]])('loaded as %j', (order) => {
  const asBrowser = { accept: 'text/html' }

  it('leaves the way back from a sign-in at FlowFuse open, and knows the browser by its session afterwards', async () => {
    const url = await startNodeRed([...order])
    const back = await fetch(`${url}/_ffAuth/callback?code=1&state=2`, { headers: asBrowser, redirect: 'manual' })
    expect([back.status, back.headers.get('location')]).toEqual([302, '/who'])

    const cookie = back.headers.get('set-cookie')?.split(';')[0] ?? ''
    const who = await fetch(`${url}/who`, { headers: { ...asBrowser, cookie }, redirect: 'manual' })
    expect([who.status, await who.json()]).toEqual([200, 'in'])
  })

  it('sends other browsers to FlowFuse, and refuses a caller without a token', async () => {
    const url = await startNodeRed([...order])

    const browser = await fetch(`${url}/who`, { headers: asBrowser, redirect: 'manual' })
    expect(browser.headers.get('location')).toBe('https://flowfuse.example.com/account/authorize')
    expect((await fetch(`${url}/who`)).status).toBe(401)
  })
})
