/**
 * `node scripts/simulate.mjs [--seed TEXT] [--histories COUNT] [--minutes COUNT] [--history NUMBER] [--happened]
 * [--real-store-every COUNT]`: plays histories of a consortium in one process (packages/testkit/src/simulation) until one
 * breaks an invariant; then it prints the seed, the commit, the history and its shortest trace, and exits 1. The same seed
 * on the same commit plays the same histories. In one of so many histories a member keeps its books on the real store.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const commit = commitOf(home)
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: commit },
    histories: { type: 'string' },
    minutes: { type: 'string' },
    history: { type: 'string' },
    happened: { type: 'boolean', default: false },
    'real-store-every': { type: 'string', default: '200' },
  },
})
const minutes = Number(values.minutes ?? (values.histories === undefined ? 1 : Infinity))
const histories = Number(values.histories ?? Infinity)
const first = values.history === undefined ? 0 : Number(values.history)
if ([minutes, histories, first].some((number) => Number.isNaN(number) || number < 0)) {
  console.error('--histories, --history and --minutes are numbers.')
  process.exit(1)
}

const { simulate } = await load()
const startedMs = performance.now()
const elapsed = () => performance.now() - startedMs
let saidMs = 0
const { sum, failure } = simulate({
  seed: values.seed,
  first,
  histories: values.history === undefined ? histories : 1,
  now: elapsed,
  untilMs: minutes * 60_000,
  realStoreEvery: Number(values['real-store-every']),
  onProgress: (done) => {
    if (elapsed() - saidMs < 10_000) return
    saidMs = elapsed()
    console.log(lineOf(done))
  },
})
console.log(lineOf(sum))
if (values.happened)
  for (const [name, count] of [...sum.happened].sort(([left], [right]) => (left < right ? -1 : 1)))
    console.log(`${count}`.padStart(9), name)
if (failure !== undefined) {
  const { broken, history, steps, ofSteps, trace } = failure
  console.error(`\n${broken.message}\nseed ${values.seed}, history ${history}, commit ${commit}`)
  console.error(`shortest trace found, ${steps} of ${ofSteps} steps:\n${trace.join('\n')}`)
  console.error(`\nAgain: node scripts/simulate.mjs --seed ${values.seed} --history ${history}`)
  process.exit(1)
}

function lineOf({ histories: played, blocks, leaves, crashes }) {
  const perMinute = Math.round(played / (elapsed() / 60_000))
  return `${played} histories, ${perMinute} a minute; ${blocks} blocks, ${leaves} leaves, ${crashes} ends of a process`
}

function commitOf(folder) {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: folder, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** The sources as one module beside node_modules, since what is native is loaded from there. */
async function load() {
  const folder = join(home, 'dist')
  const outfile = join(folder, `simulate-${process.pid}.mjs`)
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: [join(home, 'packages/testkit/src/simulation/simulate.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['lmdb', 'sodium-native'],
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module'\nconst require = createRequireOf(import.meta.url)",
    },
    logLevel: 'error',
  })
  try {
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile)
  }
}
