import { config } from '@vue/test-utils'

/** What Vue only warns of (a component that nobody imported, a prop of another type) is broken in the browser. */
config.global.config.warnHandler = (message, _instance, trace) => {
  throw new Error(`Vue warns: ${message}\n${trace}`)
}
