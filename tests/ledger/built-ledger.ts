/** The threads of a ledger as programs, and the till's rules as a bundle: built once for the tests that need them. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { WorkerUrl } from '../../packages/ledger/src/pipeline/worker-url.ts'

const home = fileURLToPath(new URL('../../', import.meta.url))
const folder = `${home}tests/dist/ledger/`
const banner =
  "import { createRequire as createRequireOf } from 'node:module'\nconst require = createRequireOf(import.meta.url)"

export interface BuiltLedger {
  readonly workerUrl: WorkerUrl
  /** The till's rules as members agree on them. */
  readonly tillBundle: string
  /** Path of a program of this folder, by its name without ending. */
  program(name: 'replay-program' | 'realm-program'): string
}

export async function buildLedger(): Promise<BuiltLedger> {
  const workers = ['execution-worker', 'admission-worker', 'state-root-worker', 'snapshot-worker']
  const programs = ['replay-program', 'realm-program']
  await build({
    absWorkingDir: home,
    entryPoints: [
      ...workers.map((name) => ({ in: `${home}packages/ledger/src/pipeline/${name}.ts`, out: name })),
      ...programs.map((name) => ({ in: `${home}tests/ledger/${name}.ts`, out: name })),
    ],
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['lmdb', 'sodium-native'],
    banner: { js: banner },
    logLevel: 'silent',
  })
  await build({
    absWorkingDir: home,
    stdin: {
      contents: "import { tillRules } from './till-rules.ts'\nglobalThis.chengxinRuleset = tillRules\n",
      resolveDir: `${home}packages/ledger/src/testing`,
    },
    outfile: `${folder}till.js`,
    bundle: true,
    format: 'iife',
    platform: 'neutral',
    target: 'es2023',
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  })
  return {
    workerUrl: (name) => new URL(`file://${folder}${name}.js`),
    tillBundle: readFileSync(`${folder}till.js`, 'utf8'),
    program: (name) => `${folder}${name}.js`,
  }
}
