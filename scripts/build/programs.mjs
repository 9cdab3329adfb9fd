/**
 * The node and the command line, bundled so that they start quickly and a folder can be handed to an operator. What
 * carries native code or files of its own stays outside and is loaded from node_modules.
 */
import { readdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build } from 'esbuild'

const outside = ['lmdb', 'sodium-native', '@electric-sql/pglite', 'pg', 'pg-native']

/** Bundled CommonJS code asks for Node's own modules through `require`, which a module does not have. */
const banner =
  "import { createRequire as createRequireOf } from 'node:module'\nconst require = createRequireOf(import.meta.url)"

/** Every thread's entry is a file `<name>-worker.ts` beside the code that starts it; all land in one folder. */
const workerHomes = ['packages/ledger/src', 'packages/projection/src', 'apps/node/src']

export function buildNode(home, folder) {
  const workers = workerHomes.flatMap((place) => filesBelow(join(home, place)))
  return bundle(home, folder, [
    join(home, 'apps/node/src/main.ts'),
    ...workers.filter((file) => file.endsWith('-worker.ts')),
  ])
}

export function buildCli(home, folder) {
  return bundle(home, folder, [join(home, 'apps/cli/src/main.ts')])
}

async function bundle(home, folder, entries) {
  const entryPoints = Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file]))
  if (Object.keys(entryPoints).length !== entries.length) throw new Error('Two entries have one name.')
  const { metafile } = await build({
    absWorkingDir: home,
    entryPoints,
    outdir: folder,
    bundle: true,
    // Commands load on demand: each is a chunk that others do not pay for. All chunks lie in one folder, so that a worker
    // is found beside whatever module starts it.
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: outside,
    banner: { js: banner },
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    metafile: true,
  })
  return Object.keys(metafile.outputs).map((output) => relative(folder, join(home, output)))
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name))
}
