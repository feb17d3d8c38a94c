import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { renderApiNotFound } from '../errors/render.ts'

/** Below these nothing is a page. */
const NOT_PAGES = /^\/(?:api|oauth|scim|account|health|\.well-known)(?:\/|$)/

/** A year: the build puts a hash of the content into these files' names. */
const FOREVER = 'public, max-age=31536000, immutable'

export interface PagesOptions {
  /** The built pages; they may be missing, where only the API is wanted. */
  folder: string
  mountPath: string
  /** People, teams and instances are a FlowFuse's, at the same origin: the pages leave out what it does itself. */
  besideFlowFuse?: boolean
}

/** Serves the built pages. Every address that is not a file or a route of the server's is one of the pages' own routes. */
export async function servePages(
  app: FastifyInstance,
  { folder, mountPath, besideFlowFuse = false }: PagesOptions,
): Promise<void> {
  const host = besideFlowFuse ? '<meta name="forge-host" content="flowfuse">' : ''
  const index = await readIndex(folder, `<base href="${mountPath}/">${host}`)
  const sendIndex = (reply: FastifyReply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(index)

  if (index !== null) {
    await app.register(fastifyStatic, {
      root: folder,
      prefix: `${mountPath}/`,
      index: false,
      wildcard: false,
      globIgnore: ['index.html', '**/*.br', '**/*.gz'],
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        void reply.header('cache-control', path.startsWith(join(folder, 'assets')) ? FOREVER : 'no-cache')
      },
    })
    app.get(`${mountPath}/`, { schema: { hide: true } }, async (_request, reply) => sendIndex(reply))
  }

  app.setNotFoundHandler(async (request, reply) => {
    if (index !== null && isNavigation(request, mountPath)) return sendIndex(reply)
    return renderApiNotFound(request, reply)
  })
}

/**
 * index.html, told where it is mounted, since all its addresses are relative to that, and beside whom. Null when nothing
 * was built.
 */
async function readIndex(folder: string, told: string): Promise<string | null> {
  try {
    const html = await readFile(join(folder, 'index.html'), 'utf8')
    return html.replace(/<head>|<head\s[^>]*>/, (head) => head + told)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function isNavigation({ method, url, headers }: FastifyRequest, mountPath: string): boolean {
  const path = url.replace(/[?#].*$/s, '')
  const within = path === mountPath || path.startsWith(`${mountPath}/`)
  const wantsPage = (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html')
  return within && wantsPage && !NOT_PAGES.test(path.slice(mountPath.length))
}
