/**
 * House rules that no other tool checks: names of files, length of files, a README for each package and domain, no
 * barrels inside a package, no machine paths or workplace words, and links in documents that lead somewhere.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

const home = process.cwd()
const faults = []
const fault = (path, sentence) => faults.push(`${path}: ${sentence}`)

/** Files of the tree, as git sees them where there is git, else by walking. */
function filesOfTree() {
  if (existsSync(join(home, '.git'))) {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: home })
    return listed
      .toString('utf8')
      .split('\0')
      .filter((path) => path !== '' && existsSync(join(home, path)))
  }
  const found = []
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (['node_modules', 'dist', 'data', '.git'].includes(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) found.push(relative(home, path))
    }
  }
  walk(home)
  return found
}

const codeFile = /\.(ts|tsx|mjs|cjs|js|go|css)$/
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
const bannedNames = /^(utils?|helpers?|common|managers?|misc|shared)(\.|$)/
// Spelled in parts, so that this file does not match itself.
const bannedWords = [
  [new RegExp(['/wo', 'rk/'].join('')), 'a path of one machine'],
  [new RegExp(['registry\\.', 'npmjs'].join('')), 'the name of a package host'],
  [new RegExp(['\\bsub', 'agents?\\b'].join(''), 'i'), 'a word of a workplace'],
]
const ownWords = new Set(['package-lock.json'])

for (const path of filesOfTree()) {
  const name = basename(path)
  if (codeFile.test(path)) {
    if (!kebab.test(name.replace(/^\./, ''))) fault(path, 'file names are kebab-case.')
    if (bannedNames.test(name)) fault(path, 'a file is named after its subject, not after being handy.')
    const text = readFileSync(join(home, path), 'utf8')
    const lines = text.split('\n').length
    if (lines > 1000) fault(path, `${lines} lines; a file past 1,000 lines has more than one subject.`)
    const isPackageEntry = isExported(path)
    const isDomainFace = /^packages\/domains\/src\/[^/]+\/index\.ts$/.test(path)
    if (name === 'index.ts' && !isPackageEntry && !isDomainFace)
      fault(path, 'barrels stand only at the entry of a package.')
  }
  if (
    ownWords.has(path) ||
    statSync(join(home, path)).size > 2_000_000 ||
    !/\.(ts|tsx|mjs|cjs|json|md|yml|go|css|html)$|^\.ci\//.test(path)
  )
    continue
  const text = readFileSync(join(home, path), 'utf8')
  for (const [pattern, what] of bannedWords) if (pattern.test(text)) fault(path, `names ${what}.`)
  if (path.endsWith('.md')) checkLinks(path, text)
}

/** Whether a package offers this file under a name of its own. */
function isExported(path) {
  const [group, name] = path.split('/')
  const manifest = join(home, group, name ?? '', 'package.json')
  if (!existsSync(manifest)) return false
  const { exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'))
  return Object.values(exports).includes(`./${path.split('/').slice(2).join('/')}`)
}

function checkLinks(path, text) {
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|mailto:|#)/.test(target)) continue
    const file = resolve(home, dirname(path), decodeURIComponent(target.split('#')[0]))
    if (!existsSync(file)) fault(path, `links to ${target}, which does not exist.`)
  }
}

for (const group of ['packages', 'apps']) {
  for (const name of readdirSync(join(home, group))) {
    const folder = join(home, group, name)
    if (!statSync(folder).isDirectory() || !existsSync(join(folder, 'package.json'))) continue
    if (!existsSync(join(folder, 'README.md'))) fault(`${group}/${name}`, 'has no README.md.')
  }
}
const domains = join(home, 'packages/domains/src')
for (const entry of existsSync(domains) ? readdirSync(domains, { withFileTypes: true }) : []) {
  if (!entry.isDirectory()) continue
  for (const part of [
    'README.md',
    'types.ts',
    'schema.ts',
    'apply.ts',
    'reads.ts',
    'views.ts',
    'routes.ts',
    'index.ts',
    'invariants.test.ts',
  ]) {
    if (!existsSync(join(domains, entry.name, part)))
      fault(`packages/domains/src/${entry.name}`, `has no ${part}: domains are folders of identical shape.`)
  }
}

// `npm ci` refuses a lock file that lacks the optional packages of other platforms; scripts/complete-lock.mjs adds them.
const locked = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8')).packages
for (const [path, { optionalDependencies = {} }] of Object.entries(locked)) {
  for (const name of Object.keys(optionalDependencies)) {
    if (`node_modules/${name}` in locked || `${path}/node_modules/${name}` in locked) continue
    fault('package-lock.json', `lacks ${name}; node scripts/complete-lock.mjs adds it.`)
  }
}

if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
