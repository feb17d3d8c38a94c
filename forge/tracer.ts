import type { Soon } from './soon.ts'

/** Something that takes a while, as a trace shows it. */
export interface Span {
  /** Never a secret, an id or anything that a caller wrote: traces go to other systems. */
  set(name: string, value: string | number): void
}

/** Where the module tells what it is doing. A host that traces passes one; else nothing is told. */
export interface Tracer {
  /** Does the work, within whatever is being traced. @param name one of few */
  span<T>(name: string, work: (span: Span) => Promise<T>): Promise<T>
}

const NO_SPAN: Span = { set: () => undefined }

/** Tells nobody, and costs a call. */
export const NO_TRACER: Tracer = { span: (_name, work) => work(NO_SPAN) }

/** `span` for work that may have nothing to wait for: where nobody traces, it is done at once. */
export function inSpan<T>(tracer: Tracer, name: string, work: (span: Span) => Soon<T>): Soon<T> {
  return tracer === NO_TRACER ? work(NO_SPAN) : Promise.resolve(tracer.span(name, async (span) => work(span)))
}
