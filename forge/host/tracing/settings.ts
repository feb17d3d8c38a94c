import { ConfigError, type Environment } from '../config-error.ts'

/** Traces are sent where OpenTelemetry's own variables say. */
export interface TracingSettings {
  exporter: 'otlp' | 'console'
  protocol: 'http/protobuf' | 'http/json'
}

const EXPORTERS = ['otlp', 'console', 'none']
const PROTOCOLS = ['http/protobuf', 'http/json'] as const

/**
 * Whether the environment asks for traces: by `OTEL_TRACES_EXPORTER`, or by saying where they go. Null when it does not.
 * What else OpenTelemetry reads from the environment (headers, sampling, batches) its packages read themselves.
 * @param env without empty variables
 * @throws {ConfigError}
 */
export function readTracing(env: Environment): TracingSettings | null {
  if (env['OTEL_SDK_DISABLED'] === 'true') return null

  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT']
  const exporter = env['OTEL_TRACES_EXPORTER'] ?? (endpoint === undefined ? 'none' : 'otlp')
  if (!EXPORTERS.includes(exporter)) throw new ConfigError('OTEL_TRACES_EXPORTER must be otlp, console or none.')
  if (exporter === 'none') return null
  if (endpoint !== undefined && !(/^https?:\/\//.test(endpoint) && URL.canParse(endpoint))) {
    throw new ConfigError('OTEL_EXPORTER_OTLP_ENDPOINT must be the http or https address of a collector.')
  }

  const said = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? PROTOCOLS[0]
  const protocol = PROTOCOLS.find((each) => each === said)
  if (!protocol) throw new ConfigError('OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json.')
  return { exporter: exporter === 'console' ? 'console' : 'otlp', protocol }
}
