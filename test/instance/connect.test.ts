import type { ServerResponse } from 'node:http'

import { describe, expect, it } from 'vitest'

import {
  pathOf,
  routeKey,
  runChain,
  type ConnectMiddleware,
  type ErrorHandler,
  type Handler,
  type InstanceRequest,
} from '../../instance/connect.ts'

function run(...chain: ConnectMiddleware[]): unknown[] {
  const ended: unknown[] = []
  runChain(chain, {} as InstanceRequest, {} as ServerResponse, (error) => ended.push(error))
  return ended
}

const failing: Handler = (_request, _response, next) => next('boom')

describe('runChain', () => {
  it('runs one after the other and then what comes next', () => {
    const order: number[] = []
    const step =
      (n: number): Handler =>
      (_request, _response, next) => {
        order.push(n)
        next()
      }

    expect(run(step(1), step(2))).toEqual([undefined])
    expect(order).toEqual([1, 2])
  })

  it('stops where a middleware answers by itself', () => {
    const answering: Handler = () => undefined

    expect(run(answering)).toEqual([])
  })

  it('skips to the error handler after an error, thrown or passed on', () => {
    const seen: unknown[] = []
    const skipped: Handler = () => seen.push('skipped')
    const recover: ErrorHandler = (error, _request, _response, next) => {
      seen.push(error)
      next()
    }
    const throwing: Handler = () => {
      throw new Error('thrown')
    }

    expect(run(failing, skipped, recover)).toEqual([undefined])
    expect(run(throwing, skipped, recover)).toEqual([undefined])
    expect(seen).toEqual(['boom', new Error('thrown')])
  })

  it('passes an error on that nobody handled', () => {
    expect(run(failing)).toEqual(['boom'])
  })

  it('skips error handlers without an error', () => {
    const recover: ErrorHandler = (_error, _request, _response, _next) => undefined

    expect(run(recover)).toEqual([undefined])
  })
})

describe('paths', () => {
  it.each([
    ['/mcp?x=1', '/mcp'],
    ['/mcp#x', '/mcp'],
    ['http://line3.example/mcp?x', '/mcp'],
    ['http://line3.example', '/'],
    ['', '/'],
    ['http://[::1]:1880/mcp', '/mcp'],
    ['//evil.example/mcp', '//evil.example/mcp'],
    // Routers read these as another path than /mcp.
    ['http:///mcp', 'http:///mcp'],
    ['http://a;write/mcp', 'http://a;write/mcp'],
    ['http://a%2fwrite/mcp', 'http://a%2fwrite/mcp'],
    ["http://a'write/mcp", "http://a'write/mcp"],
  ])('reads %s as %s', (target, path) => {
    expect(pathOf(target)).toBe(path)
  })

  it('compares paths as routers do', () => {
    expect([routeKey('/MCP/'), routeKey('/'), routeKey('/mcp//')]).toEqual(['/mcp', '/', '/mcp/'])
  })
})
