import type { FastifyInstance } from 'fastify'
import type { Sequelize } from 'sequelize'

import type { Tracer } from '../../tracer.ts'
import { ConfigError } from '../config-error.ts'
import type { TracingSettings } from './settings.ts'

/** What a forge that is traced does otherwise. */
export interface Tracing {
  tracer: Tracer
  /** Makes a span of each request, within the trace that its caller began. */
  traceRequests(app: FastifyInstance): void
  /** Makes a span of each statement that a request needs. */
  traceDatabase(db: Sequelize): void
  /** Sends what is left. */
  close(): Promise<void>
}

/**
 * Loads OpenTelemetry where the environment asks for traces, and nothing where it does not.
 * @param onError is told of traces that could not be sent
 * @throws {ConfigError} when its packages are not installed
 */
export async function startTracing(
  settings: TracingSettings | null,
  onError: (error: unknown) => void,
): Promise<Tracing | null> {
  if (settings === null) return null

  try {
    const { createTracing } = await import('./open-telemetry.ts')
    return createTracing(settings, onError)
  } catch (cause) {
    if ((Object(cause) as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ConfigError(
      'OTEL_TRACES_EXPORTER asks for traces, and the packages for them are not installed: npm ci without --omit=optional.',
    )
  }
}
