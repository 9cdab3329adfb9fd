/** The portal, by its own Vite settings. */
import { join, relative } from 'node:path'
import { build } from 'vite'

export async function buildPortal(home, folder) {
  const root = join(home, 'apps/portal')
  const result = await build({ root, logLevel: 'error' })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap(({ output }) => output)
  return outputs.map(({ fileName }) => relative(folder, join(folder, fileName)))
}
