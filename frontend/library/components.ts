import { defineAsyncComponent, h, type Component } from 'vue'

/** The person's own tokens, to search, open, change and revoke. */
export const TokenList: Component = framed(() => import('../pages/TokensPage.vue'))

/** The form that mints a token, and shows it once. */
export const MintToken: Component = framed(() => import('../pages/MintPage.vue'))

/** A page as a component by itself, for a place in one of the host's pages. Links in it lead to the routes. */
function framed(load: () => Promise<{ default: Component }>): Component {
  return defineAsyncComponent(async () => {
    const [{ default: Frame }, { default: page }] = await Promise.all([import('./ForgePatFrame.vue'), load()])
    return { setup: () => () => h(Frame, null, { default: () => h(page) }) }
  })
}
