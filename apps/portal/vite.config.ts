import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedFiles } from './build/compressed-files.ts'
import { freshAssets } from './build/fresh-assets.ts'
import { offlineList } from './build/offline-list.ts'

export default defineConfig({
  base: '/',
  plugins: [react(), offlineList(), freshAssets(), compressedFiles()],
  build: {
    outDir: 'dist',
    // The type checker keeps its own results in dist/types; a build must not make it start over (see freshAssets).
    emptyOutDir: false,
    target: 'es2022',
    sourcemap: false,
    // Sizes are judged after compression, by whoever changes what is loaded first.
    reportCompressedSize: false,
    rollupOptions: {
      input: { portal: 'index.html', 'service-worker': 'src/offline/service-worker.ts' },
      output: {
        // The service worker's address must not change, or old ones would never be replaced.
        entryFileNames: (chunk) => (chunk.name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
