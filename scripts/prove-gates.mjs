/**
 * Proves that every gate can fail: copies the tree aside, checks that the gate is green there, plants its failure, and
 * asks for a red gate that names the plant. Prints a line a proof; any gate that stays green makes this red.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { furtherPlants, gates } from './gates.mjs'
import { runGate } from './run-gate.mjs'

const home = resolve(import.meta.dirname, '..')

/** A copy of the sources whose workspace links point into the copy, and whose other modules are those of the original. */
function copyTree() {
  const tree = mkdtempSync(join(tmpdir(), 'chengxin-gates-'))
  const left = new Set(['.git', 'node_modules', 'data', 'dist', '.bench'])
  cpSync(home, tree, {
    recursive: true,
    filter: (source) =>
      !source
        .slice(home.length)
        .split('/')
        .some((part) => left.has(part)),
  })
  mkdirSync(join(tree, 'node_modules/@chengxin'), { recursive: true })
  for (const name of readdirSync(join(home, 'node_modules'))) {
    if (name === '@chengxin' || name === '.vite' || name === '.cache') continue
    symlinkSync(join(home, 'node_modules', name), join(tree, 'node_modules', name))
  }
  for (const name of readdirSync(join(home, 'node_modules/@chengxin'))) {
    symlinkSync(readlinkSync(join(home, 'node_modules/@chengxin', name)), join(tree, 'node_modules/@chengxin', name))
  }
  return tree
}

/** Plants and returns how to take the plant out again. */
function plantIn(tree, plant) {
  const before = []
  for (const [path, content] of Object.entries(plant)) {
    const file = join(tree, path)
    const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    before.push([file, old])
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'function' ? content(old ?? '') : content)
  }
  return () => {
    for (const [file, old] of before) {
      if (old === undefined) rmSync(file)
      else writeFileSync(file, old)
    }
  }
}

let passed = 0
let failed = 0
const tree = copyTree()
try {
  const plants = [...gates.map(({ name, plant, says }) => ({ gate: name, plant, says })), ...furtherPlants]
  for (const { gate: name, plant, says } of plants) {
    const gate = gates.find((candidate) => candidate.name === name)
    const uproot = plantIn(tree, plant)
    // The unit tests are many: the proof needs only that a failing one turns the run red.
    const command = name === 'unit tests' ? [...gate.command, 'planted'] : gate.command
    const { code, output } = await runGate({ command }, tree)
    uproot()
    const red = code !== 0 && says.test(output)
    if (red) passed++
    else failed++
    console.log(`${red ? '✓' : '✗'} ${name} is red over ${Object.keys(plant).join(', ')}`)
    if (!red) console.log(`  exit ${code}, and the output does not match ${says}:\n${output.slice(-2000)}`)
  }
} finally {
  rmSync(tree, { recursive: true, force: true })
}
console.log(`gates: ${passed} proved, ${failed} not`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
