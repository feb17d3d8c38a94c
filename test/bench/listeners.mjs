/**
 * Many instances in one process, each with the push channel as it is published. It says when which of them heard what.
 * Arguments: the address of the forge, the credentials.
 */
import { createForgeApi } from '../../dist/instance/forge-api.js'
import { openPushChannel } from '../../dist/instance/push-channel.js'
import { announce } from './serve.mjs'

const [forgeUrl, ...credentials] = process.argv.slice(2)

const hellos = new Map()
const heard = []

const channels = credentials.map((instanceToken, n) =>
  openPushChannel(createForgeApi({ forgeUrl, instanceToken }), {
    onEvent({ event, data }) {
      if (event === 'hello') hellos.set(n, Date.now())
      if (event === 'forget' && data.tokenId) heard.push([data.tokenId, Date.now()])
    },
    onDown: () => {},
  }),
)

const ANSWERS = {
  hellos: () => [...hellos.values()],
  heard: () => heard,
  forget: () => {
    hellos.clear()
    heard.length = 0
    return true
  },
}
process.on('message', (question) => question in ANSWERS && process.send(ANSWERS[question]()))
// Each waits for events on a socket that keeps no process alive.
setInterval(() => {}, 60_000)
announce(forgeUrl, async () => channels.forEach((channel) => channel.close()))
