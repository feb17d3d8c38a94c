// Apart from the schemas: what only looks at a text need not load them.
import type { Slip } from './slips.ts'
import { recogniseCredential, TOKEN_LENGTH } from './token-format.ts'

/** In the order in which they are looked for. */
const SHAPES: readonly { slip: Slip; pattern: RegExp }[] = [
  { slip: 'empty', pattern: /^\s*$/ },
  { slip: 'doubled_bearer', pattern: /^\s*bearer(\s|$)/i },
  { slip: 'quoted', pattern: /^["'`]|["'`]$/ },
  { slip: 'not_expanded', pattern: /\$\{.*\}|\{\{.*\}\}|^\$\w+$|^%\w+%$/s },
  { slip: 'placeholder', pattern: /^<.*>$|^\[.*\]$|^your[_ -]|^(token|pat|secret|changeme|x{3,}|\.{3})$/is },
  { slip: 'blank_inside', pattern: /^\s*ffpat_.*\s|^\s+ffpat_/s },
]

/** What is wrong with a text that is meant to be a token; null for a whole token, and for something else entirely. */
export function recogniseSlip(text: string): Slip | null {
  const kind = recogniseCredential(text)
  if (kind === 'token') return null

  const shape = SHAPES.find(({ pattern }) => pattern.test(text))
  if (shape) return shape.slip
  if (kind === 'flowfuse-platform-token') return 'flowfuse_platform_token'
  if (kind === 'other') return null
  if (text.length === TOKEN_LENGTH) return 'wrong_character'
  return text.length < TOKEN_LENGTH ? 'truncated' : 'too_long'
}

/** The public part of a token that is damaged; null where nothing of it can be read. */
export function readableSelector(text: string): string | null {
  return /ffpat_([0-9A-Za-z]{12})_/.exec(text)?.[1] ?? null
}
