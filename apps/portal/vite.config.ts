import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { offlineList } from './offline-list.ts'

export default defineConfig({
  base: '/',
  plugins: [react(), offlineList()],
  build: {
    outDir: 'dist',
    // The type checker keeps its own results in dist/types; a build must not make it start over.
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
