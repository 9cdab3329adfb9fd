/**
 * The rules that members agree on: one script without imports that leaves `ruleset` in `globalThis.chengxinRuleset`. Its
 * SHA-256 is the name of the rules in genesis and in votes, so the text must be the same on every machine: it carries no
 * path, no time, and nothing of lists and routes, which each node may change alone.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'

/** The presentation of a domain, emptied. */
const empty = {
  views: 'export const views = { tables: [], fold() {} }',
  routes: 'export const routes = []',
}

const withoutPresentation = {
  name: 'without-presentation',
  setup(build) {
    build.onResolve({ filter: /^\.\/(views|routes)\.ts$/ }, ({ path }) => ({
      path: path.slice(2, -3),
      namespace: 'empty',
      sideEffects: false,
    }))
    build.onLoad({ filter: /.*/, namespace: 'empty' }, ({ path }) => ({ contents: empty[path] }))
  },
}

export async function buildRuleset(home, folder) {
  const rules = await bundle(home, "import { ruleset } from './ruleset.ts'\nglobalThis.chengxinRuleset = ruleset\n", [
    withoutPresentation,
  ])
  const lists = await bundle(
    home,
    "import { presentations } from './ruleset.ts'\nglobalThis.lists = presentations\n",
    [],
  )
  const facts = { version: versionOf(rules), hash: hashOf(rules), presentation: hashOf(lists) }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'ruleset.js'), rules)
  writeFileSync(join(folder, 'ruleset.json'), `${JSON.stringify(facts, null, 1)}\n`)
  return ['ruleset.js', 'ruleset.json']
}

async function bundle(home, contents, plugins) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: home,
    stdin: { contents, resolveDir: join(home, 'packages/domains/src'), sourcefile: 'ruleset' },
    bundle: true,
    format: 'iife',
    platform: 'neutral',
    target: 'es2023',
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    plugins,
    metafile: true,
    write: false,
  })
  const foreign = Object.keys(metafile.inputs).filter((input) => input.includes('node_modules'))
  if (foreign.length > 0) throw new Error(`The rules would carry code of others: ${foreign.join(', ')}.`)
  const { text } = outputFiles[0]
  if (text.includes(home)) throw new Error('The rules would carry a path of this machine.')
  return text
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('base64url')
}

/** Running the script in a world with nothing in it shows that it needs nothing. */
function versionOf(text) {
  const world = {}
  runInNewContext(text, world, { timeout: 10_000 })
  const { version } = world.chengxinRuleset
  if (typeof version !== 'string') throw new Error('The ruleset states no version.')
  return version
}
