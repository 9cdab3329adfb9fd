import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'

/** Files of earlier builds have other names and would stay for ever. The rest of dist is not ours alone. */
export function freshAssets(): Plugin {
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
