import { isMet, type Rate, type Target } from './bench-context.ts'
import type { Report } from './report.ts'

const WIDTH = 1040
const LABELS = 510
const BARS = 380
const LINE = 26
const BAR = 14
const TOP = 64

/** A bar: so much of the longest one there could be. */
interface Bar {
  label: string
  share: number
  /** What stands behind it. */
  value: string
  /** Ours stand out from the peers. */
  kind: 'ours' | 'peer'
  /** Where it has to reach, or may end. */
  mark?: number
}

/**
 * The picture of a report for the docs: rates beside the trivial POST, and how near each target is. It has its own ground
 * and follows the reader's choice of light or dark, as an image in a page can.
 */
export function drawChart({ parts }: Report): string {
  const rates = parts.introspection?.rates ?? []
  const targets = Object.values(parts).flatMap(({ targets = [] }) => targets)
  const sections = [
    { title: 'Answers a second, by share of the trivial POST route', bars: barsOfRates(rates) },
    { title: 'Targets: the line is what has to be reached, or not to be exceeded', bars: targets.flatMap(barOfTarget) },
  ].filter(({ bars }) => bars.length > 0)

  let y = 0
  const drawn = sections.map(({ title, bars }) => {
    const at = y
    y += TOP + bars.length * LINE
    return `<g transform="translate(0 ${at})"><text class="title" x="24" y="40">${escape(title)}</text>${bars.map(drawBar).join('')}</g>`
  })
  const height = y + 24
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t">
<title id="t">Benchmark of forge-pat: the figures stand in the table beside the picture</title>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
${drawn.join('\n')}
</svg>
`
}

/** Blue and grey that keep their distance from the ground and from each other for every kind of colour vision. */
const STYLE = `
text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.value{fill:#57606a}
.ground{fill:#fff;stroke:#d0d7de}.ours{fill:#0969da}.peer{fill:#8c959f}.mark{stroke:#1f2328;stroke-width:2}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.value{fill:#9da7b3}.ground{fill:#0d1117;stroke:#30363d}
.ours{fill:#4493f8}.peer{fill:#6e7681}.mark{stroke:#e6edf3}}`

function drawBar({ label, share, value, kind, mark }: Bar, index: number): string {
  const y = TOP + index * LINE
  const width = Math.max(1, Math.min(1, share) * BARS)
  const x = LABELS + (mark ?? 0) * BARS
  const line = mark === undefined ? '' : `<path class="mark" d="M${x.toFixed(1)} ${y - 3}v${BAR + 6}"/>`
  return (
    `<text x="${LABELS - 10}" y="${y + 12}" text-anchor="end">${escape(label)}</text>` +
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>${line}` +
    `<text class="value" x="${LABELS + BARS + 12}" y="${y + 12}">${escape(value)}</text>`
  )
}

const PEERS = ['trivial POST', 'oidc-provider', 'prepared lookup']

function barsOfRates(rates: readonly Rate[]): Bar[] {
  const base = rates.find(({ name }) => name === 'trivial POST')?.rate ?? NaN
  return rates.map(({ name, database, tokens, rate }) => ({
    label: [name, database, tokens && short(tokens)].filter(Boolean).join(', '),
    share: rate / base,
    value: `${(rate / base).toFixed(2)}, ${Math.round(rate).toLocaleString('en')}/s`,
    kind: PEERS.includes(name) ? 'peer' : 'ours',
  }))
}

/** Drawn to its own scale: the target is at two thirds, or the bar goes as far as it can. */
function barOfTarget(target: Target): Bar[] {
  const { what, atLeast, atMost, measured, unit } = target
  const limit = atLeast ?? atMost ?? 0
  // Nothing missed is no bar.
  if (limit === 0) return []
  const mark = 2 / 3
  const sign = isMet(target) ? '✓' : '✗'
  const value = `${sign} ${measured.toLocaleString('en', { maximumSignificantDigits: 3 })} ${unit === 'of the rate' || unit === 'of their rate' ? '' : unit}`
  return [{ label: shorten(what), share: (measured / limit) * mark, value: value.trim(), kind: 'ours', mark }]
}

const short = (tokens: number) => (tokens >= 1_000_000 ? `${tokens / 1_000_000} M` : `${tokens / 1_000} k`)
const LONGEST = 72
const shorten = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)
const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
