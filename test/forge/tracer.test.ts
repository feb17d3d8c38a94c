import { describe, expect, it } from 'vitest'

import { inSpan, NO_TRACER, type Tracer } from '../../forge/tracer.ts'

describe('inSpan', () => {
  it('does work at once where nobody traces', () => {
    expect(inSpan(NO_TRACER, 'work', () => 'done')).toBe('done')
  })

  it('gives a host a promise of the work, and takes whatever kind of promise it has', async () => {
    const seen: unknown[] = []
    const tracer = {
      span: (name: string, work: (span: { set: () => void }) => unknown) => {
        const doing = work({ set: () => undefined })
        seen.push(name, doing)
        return { then: (next: (result: string) => void) => void (doing as Promise<string>).then(next) }
      },
    } as unknown as Tracer

    const traced = inSpan(tracer, 'work', () => 'done')
    expect(traced).toBeInstanceOf(Promise)
    expect(await traced).toBe('done')
    expect(seen).toEqual(['work', expect.any(Promise)])
  })

  it('fails with the work', async () => {
    const tracer: Tracer = { span: async (_name, work) => work({ set: () => undefined }) }
    const traced = inSpan(tracer, 'work', () => {
      throw new Error('no')
    })
    await expect(traced).rejects.toThrow('no')
  })
})
