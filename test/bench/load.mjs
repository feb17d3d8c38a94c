/**
 * The load generator, in a process of its own: HTTP/1.1 over connections that stay open, each of which sends the next
 * request once the one before is answered. It does far less than a server, so that on two processors the server is what
 * is measured; it says how busy it was itself. Every answer is looked at: one that is not as expected ends the run.
 */
import { connect } from 'node:net'

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
process.on('disconnect', () => process.exit())
process.on('message', async (job) => {
  try {
    process.send(await run(job))
  } catch (error) {
    process.send({ error: error.message })
  }
})

/**
 * @param groups of connections, which run side by side until the time is over or all is answered
 * @param awake not to sleep between answers: to wake a process costs the server more, in a virtual machine, than to
 *   answer does, and who is slower would pay it more often
 */
async function run({ url, seconds, groups, awake }) {
  const { port } = new URL(url)
  const until = performance.now() + seconds * 1000
  const before = process.cpuUsage()
  let spinning = awake === true
  const spin = () => spinning && setImmediate(spin)
  spin()
  const startedAt = performance.now()
  const results = await Promise.all(groups.map((group) => runGroup(group, { port, until })))
  spinning = false
  const { user, system } = process.cpuUsage(before)
  return { groups: results, busy: (user + system) / 1000 / (performance.now() - startedAt) }
}

async function runGroup({ connections, requests, accept, amount = Infinity, perSecond }, { port, until }) {
  const texts = requests.map((text) => Buffer.from(text, 'latin1'))
  const stats = { sent: 0, times: [], startedAt: performance.now() }
  const pauseMs = perSecond ? (1000 * connections) / perSecond : 0
  const next = () => (stats.sent < amount && performance.now() < until ? texts[stats.sent++ % texts.length] : null)

  await Promise.all(
    Array.from({ length: connections }, (_, n) =>
      drive({ port, next, stats, accept, pauseMs, first: (pauseMs * n) / connections }),
    ),
  )
  const times = Float64Array.from(stats.times).sort()
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? null
  const seconds = (performance.now() - stats.startedAt) / 1000
  return { answered: times.length, rate: times.length / seconds, p50: at(0.5), p99: at(0.99) }
}

/** One connection. Resolves when there is nothing more to send. */
function drive({ port, next, stats, accept, pauseMs, first }) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let sentAt = 0
    let text = ''

    const send = () => {
      const request = next()
      if (!request) {
        socket.destroy()
        return resolve()
      }
      sentAt = performance.now()
      socket.write(request)
    }
    socket.setNoDelay(true)
    socket.on('connect', () => (first ? setTimeout(send, first) : send()))
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.on('data', (chunk) => {
      text += chunk.latin1Slice()
      const answer = wholeAnswer(text)
      if (answer === null) return

      text = ''
      const took = performance.now() - sentAt
      if (!accept.some((each) => answer.startsWith(each))) {
        socket.destroy()
        return reject(new Error(`an answer began ${JSON.stringify(answer.slice(0, 200))}`))
      }
      stats.times.push(took)
      if (pauseMs > took) setTimeout(send, pauseMs - took)
      else send()
    })
  })
}

/** Status and body, `200 {"active":true…`, once all of it is here; null before. */
function wholeAnswer(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, 300)}`)
  const body = headEnd + 4
  return text.length < body + Number(length) ? null : `${text.slice(9, 12)} ${text.slice(body)}`
}
