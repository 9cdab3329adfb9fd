/**
 * `npm run build`: the programs, the rules that members agree on, and the portal, each into the `dist` of its app.
 * `--if-changed` leaves a part alone whose sources are those it was built from. Needs nothing but what `npm ci` brought.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forget, isCurrent, remember, stampOf } from './build/stamp.mjs'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or newer is needed; this is ${process.versions.node}.`)
if (!existsSync(join(home, 'node_modules', 'esbuild'))) fail('Dependencies are missing: run npm ci first.')

const { buildCli, buildNode } = await import('./build/programs.mjs')
const { buildRuleset } = await import('./build/ruleset.mjs')
const { buildPortal } = await import('./build/portal.mjs')

const house = ['kernel', 'crypto', 'module-kit', 'domains', 'client', 'audit', 'holder'].map(
  (name) => `packages/${name}/src`,
)
const recipe = ['package-lock.json', 'scripts/build']

/** What each part is made of, beside the recipe, and where it goes. */
const parts = [
  {
    name: 'rules',
    folder: 'apps/node/dist',
    sources: ['packages/kernel/src', 'packages/module-kit/src', 'packages/domains/src'],
    build: buildRuleset,
  },
  {
    name: 'node',
    folder: 'apps/node/dist',
    sources: [
      ...house,
      ...['ledger', 'projection', 'api', 'services'].map((name) => `packages/${name}/src`),
      'apps/node/src',
    ],
    build: buildNode,
  },
  { name: 'cli', folder: 'apps/cli/dist', sources: [...house, 'apps/cli/src'], build: buildCli },
  {
    name: 'portal',
    folder: 'apps/portal/dist',
    sources: [
      ...house,
      'apps/portal/src',
      'apps/portal/build',
      'apps/portal/public',
      'apps/portal/index.html',
      'apps/portal/vite.config.ts',
    ],
    build: buildPortal,
  },
]

const onlyIfChanged = process.argv.includes('--if-changed')
for (const { name, folder, sources, build } of parts) {
  const record = join(home, folder, `${name}.build.json`)
  const stamp = stampOf(home, [...recipe, ...sources])
  if (onlyIfChanged && isCurrent(record, stamp)) continue
  const startedMs = performance.now()
  try {
    const before = forget(record)
    remember(record, stamp, await build(home, join(home, folder)), before)
  } catch (error) {
    fail(`The build of ${name} failed.\n${error instanceof Error ? error.message : String(error)}`)
  }
  console.log(`built ${name.padEnd(7)} ${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s`)
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
