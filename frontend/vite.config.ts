import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  // The mount path is known to the server only: chunks find each other relative to themselves.
  base: './',
  plugins: [vue()],
  resolve: { alias: { '@contract': here('../forge/contract') } },
  build: {
    outDir: here('../dist/frontend'),
    emptyOutDir: true,
    // An inlined asset is a `data:` address, which the content security policy refuses.
    assetsInlineLimit: 0,
    // On a busy machine, advice on the build's speed looks like a fault of it.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
})
