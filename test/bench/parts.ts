import type { Context, Findings } from './bench-context.ts'
import { measureFlood } from './flood.ts'
import { measureInstances } from './instances.ts'
import { measureIntrospections } from './introspections.ts'
import { measureInventory } from './inventory-pages.ts'
import { measureMemory } from './memory.ts'
import { measureRevocations } from './revocations.ts'
import { measureStreams } from './streams.ts'

interface Part {
  about: string
  measure(context: Context): Promise<Findings>
}

/** In the order in which they run. */
export const PARTS = {
  introspection: {
    about: 'introspection beside its peers: warm, fresh, first use, junk',
    measure: measureIntrospections,
  },
  flood: { about: 'valid callers while somebody tries wrong secrets', measure: measureFlood },
  instance: { about: 'what the instance side costs: middleware and tools/call', measure: measureInstances },
  revocation: { about: 'from a revocation at one forge to the refusal everywhere', measure: measureRevocations },
  streams: { about: 'a thousand instances that listen to one forge, and its restart', measure: measureStreams },
  inventory: { about: "pages of an owner's inventory of 100,000 tokens", measure: measureInventory },
  memory: { about: 'memory of a forge with 100,000 held tokens, and under mixed load', measure: measureMemory },
} satisfies Record<string, Part>

export type PartName = keyof typeof PARTS
