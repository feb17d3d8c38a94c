import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

import { keepToOurselves } from './library/keep-to-ourselves.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The pages for a FlowFuse that has them among its own (docs/admin/flowfuse.md). */
export default defineConfig({
  root: here('.'),
  plugins: [vue()],
  publicDir: false,
  resolve: { alias: { '@contract': here('../forge/contract') } },
  css: { postcss: { plugins: [keepToOurselves()] } },
  build: {
    outDir: here('../dist/library'),
    emptyOutDir: true,
    lib: { entry: here('library/index.ts'), formats: ['es'], fileName: 'index', cssFileName: 'style' },
    // Whoever builds the host does that, once for everything.
    minify: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      external: ['vue', 'vue-router'],
    },
  },
})
