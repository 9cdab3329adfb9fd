/** Keys by the thousand while memory is collected all the time: the platform can hang for ever on the plain way to make one. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { home } from '../running-node.ts'

test.each(['EdDSA', 'ES256'])('5,000 keys for %s', async (algorithm) => {
  const outfile = join(home, 'tests/dist/faults/key-generation.mjs')
  const contents = `
    import { generatePrivateJwk } from '@chengxin/crypto/node'
    for (let made = 0; made < 5000; made++) if (!generatePrivateJwk('${algorithm}').d) throw new Error('no key')`
  await build({
    stdin: { contents, resolveDir: home },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['sodium-native'],
  })
  // A program that hangs never ends by itself: the limit is far beyond what any machine needs.
  const ran = spawnSync(process.execPath, ['--max-semi-space-size=1', outfile], { timeout: 120_000, encoding: 'utf8' })
  expect([ran.signal, ran.status, ran.stderr]).toEqual([null, 0, ''])
})
