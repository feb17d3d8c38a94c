/** For tsc, which writes the library's declarations and does not read components. */
declare module '*.vue' {
  import type { Component } from 'vue'

  const component: Component
  export default component
}
