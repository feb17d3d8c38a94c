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
    // A page that waits for a dozen small styles is drawn later than one that has them all.
    cssCodeSplit: false,
    rolldownOptions: {
      // On a busy machine, advice on the build's speed looks like a fault of it.
      checks: { bundlerTimings: false },
      // Over HTTP/1.1 a browser asks for six files at a time: what several pages share is one file, not thirty.
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules[\\/](?:@vue|vue|vue-router)[\\/]/ },
            { name: 'shared', test: /frontend[\\/](?!pages)|forge[\\/]contract|clients[\\/]/, minShareCount: 5 },
          ],
        },
      },
    },
  },
})
