import { english, MintToken, routes, TokenList, type Messages } from 'forge-pat/frontend'
import 'forge-pat/frontend/style.css'
import { createApp, h, type Component } from 'vue'
import { createRouter, createWebHistory, RouterLink, RouterView } from 'vue-router'

// What a FlowFuse that has our pages among its own does (docs/admin/flowfuse.md). Names and classes are some that ours have too.
const words: Messages = { ...english, list: { ...english.list, title: 'Keys of mine' } }

const content = () => [
  h('h1', 'The host’s own page'),
  h('p', { class: 'soft card' }, ['Some ', h('code', 'words'), ' of the host']),
  h('ul', { class: 'rows' }, [h('li', 'One'), h('li', 'Two')]),
  h('table', { class: 'row' }, [h('thead', h('tr', h('th', 'Head'))), h('tbody', h('tr', h('td', 'Cell')))]),
  h('form', [h('input', { class: 'input' }), h('button', { class: 'button primary', type: 'button' }, 'Press')]),
  h('dialog', { class: 'dialog', open: true }, [h('h2', 'Note'), h('fieldset', h('legend', 'Group'))]),
]

const Home = { setup: () => content }
/** A page of the host with one of our components in it. */
const around = (part: Component) => ({
  setup: () => () => h('section', { class: 'card' }, [h('p', 'Profile'), h(part)]),
})

const Host = {
  setup: () => () => [
    h('nav', { class: 'tabs' }, [
      h(RouterLink, { to: { name: 'home' } }, () => 'Home'),
      h(RouterLink, { to: '/access-tokens' }, () => 'To the tokens'),
      h(RouterLink, { to: '/profile/keys' }, () => 'My keys'),
      h(RouterLink, { to: '/profile/new-key' }, () => 'A new key'),
    ]),
    h(RouterView),
  ],
}

const router = createRouter({
  history: createWebHistory('/host/'),
  routes: [
    { path: '/', name: 'home', component: Home },
    { path: '/tokens', name: 'tokens', component: Home },
    { path: '/profile/keys', component: around(TokenList) },
    { path: '/profile/new-key', component: around(MintToken) },
    ...routes({ mountPath: '/access-tokens', api: '/pat', words }),
  ],
})
createApp(Host).use(router).mount('#app')
