import { AsyncLocalStorage } from 'node:async_hooks'

import { defaultTextMapGetter, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api'
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, ConsoleSpanExporter } from '@opentelemetry/sdk-trace-base'
import type { FastifyRequest } from 'fastify'

import type { Tracer } from '../../tracer.ts'
import { traceDatabase } from './database.ts'
import type { TracingSettings } from './settings.ts'
import type { Tracing } from './tracing.ts'

/** A forge that stops does not wait longer for a collector that is away. */
const FLUSH_WITHIN_MS = 2_000

/**
 * Nothing is registered globally: what is traced is what stands here. Exceptions are told by their class alone, since
 * their messages may hold what somebody typed.
 */
export function createTracing(settings: TracingSettings, onError: (error: unknown) => void): Tracing {
  setGlobalErrorHandler(onError)
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'forge-pat' }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    spanProcessors: [new BatchSpanProcessor(exporterFor(settings))],
  })
  const otel = provider.getTracer('forge-pat')
  const current = new AsyncLocalStorage<Context>()

  const spanOf = (kind: SpanKind): Tracer['span'] => {
    return async (name, work) => {
      const parent = current.getStore() ?? ROOT_CONTEXT
      const span = otel.startSpan(name, { kind }, parent)
      try {
        return await current.run(trace.setSpan(parent, span), () =>
          work({ set: (key, value) => void span.setAttribute(key, value) }),
        )
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error)
        throw error
      } finally {
        span.end()
      }
    }
  }

  return {
    tracer: { span: spanOf(SpanKind.INTERNAL) },
    traceDatabase: (db) =>
      traceDatabase(db, { isWanted: () => current.getStore() !== undefined, span: spanOf(SpanKind.CLIENT) }),

    traceRequests(app) {
      const contexts = new WeakMap<FastifyRequest, Context>()

      app.addHook('onRequest', (request, _reply, done) => {
        const { method, routeOptions, id } = request
        if (routeOptions.config.endless) return done()

        const route = routeOptions.url ?? 'none'
        const attributes = { 'http.request.method': method, 'http.route': route, 'forge.request.id': id }
        const parent = callersTrace(request)
        const span = otel.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent)
        const context = trace.setSpan(parent, span)
        contexts.set(request, context)
        current.run(context, done)
      })
      // A body is read in the context of its socket, and what comes after it would be too.
      app.addHook('preValidation', (request, _reply, done) => {
        const context = contexts.get(request)
        if (context) current.run(context, done)
        else done()
      })
      app.addHook('onResponse', async (request, { statusCode }) => {
        const context = contexts.get(request)
        const span = context && trace.getSpan(context)
        span?.setAttribute('http.response.status_code', statusCode)
        if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR })
        span?.end()
      })
    },

    async close() {
      let timer: NodeJS.Timeout | undefined
      const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_WITHIN_MS)))
      await Promise.race([provider.shutdown().catch(onError), tooLong])
      clearTimeout(timer)
    },
  }
}

function exporterFor({ exporter, protocol }: TracingSettings) {
  if (exporter === 'console') return new ConsoleSpanExporter()
  return protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter()
}

const propagator = new W3CTraceContextPropagator()

/** Of W3C's headers the one of fixed form: `tracestate` is whatever a caller writes, and would be passed on. */
function callersTrace({ headers: { traceparent } }: FastifyRequest): Context {
  return propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter)
}
