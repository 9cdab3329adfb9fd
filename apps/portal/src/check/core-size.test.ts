/** The check must reach a phone on a bad line: what judges, with the words of one language, stays under 60 kB compressed. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { languages } from '../i18n/languages.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const limitBytes = 60_000

async function bundled(entry: string): Promise<{ readonly code: Uint8Array; readonly sources: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  })
  return { code: outputFiles[0]?.contents ?? new Uint8Array(), sources: Object.keys(metafile.inputs) }
}

test.each(languages)('in $code', async ({ code: language }) => {
  const core = await bundled(here('audit-core.ts'))
  expect(core.sources.some((source) => source.endsWith('audit-file.ts'))).toBe(true)
  const words = ['check', 'checks'].map((name) => readFileSync(here(`../locales/${language}/${name}.json`)))
  const sizes = [core.code, ...words].map((bytes) => gzipSync(bytes, { level: 9 }).length)
  expect(sizes[0]).toBeGreaterThan(10_000)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(limitBytes)
})

test('camera and pictures are no part of it', async () => {
  const { sources } = await bundled(here('audit-core.ts'))
  expect(sources.filter((source) => /node_modules\/(qr|antd|react)\//.test(source))).toEqual([])
})
