import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { offlineList } from './offline-list.ts'

export default defineConfig({
  base: '/',
  plugins: [react(), offlineList(), freshAssets()],
  build: {
    outDir: 'dist',
    // The type checker keeps its own results in dist/types; a build must not make it start over (see freshAssets).
    emptyOutDir: false,
    target: 'es2022',
    sourcemap: false,
    rollupOptions: {
      input: { portal: 'index.html', 'service-worker': 'src/offline/service-worker.ts' },
      output: {
        // The service worker's address must not change, or old ones would never be replaced.
        entryFileNames: (chunk) => (chunk.name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})

/** Files of earlier builds have other names and would stay for ever. */
function freshAssets(): Plugin {
  let folder = ''
  return {
    name: 'fresh-assets',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir, build.assetsDir)
    },
    async buildStart() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}
