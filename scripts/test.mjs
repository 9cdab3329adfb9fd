/**
 * `npm test`: the gates, the proof that each gate can fail, the build, and the tests that need a running program.
 * Ends with one line that counts the tests. Foreign programs that are missing are named, and count as skipped;
 * with CHENGXIN_REQUIRE_PEERS=1 they count as failed.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'

/** Files that wait for pages and people more than they compute; none of them listens on a port that it does not choose. */
const atTheScreen = ['tests/browser/', 'tests/in-process/']

/** Two of these run at a time, each file by file: consortia have ports of their own, and wait for clocks as browsers do. */
const systemTests = [
  { name: 'system tests', of: atTheScreen.flatMap((folder) => ['--exclude', `${folder}**`]), results: 'system-tests' },
  { name: 'tests at the screen', of: atTheScreen, results: 'screen-tests' },
]

const stages = [
  [{ name: 'gates', command: ['node', 'scripts/check.mjs'] }],
  [{ name: 'proof of the gates', command: ['node', 'scripts/prove-gates.mjs'] }],
  [{ name: 'build', command: ['node', 'scripts/build.mjs'] }],
  systemTests.map(({ name, of, results }) => ({
    name,
    command: [
      'node_modules/.bin/vitest',
      'run',
      '--project',
      'system',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${resultsFile(results)}`,
      ...of,
    ],
  })),
]

/** Far above what any step takes on a slow machine: a program that hangs shall not hold everything up for ever. */
const stepLimitMs = 45 * 60_000

mkdirSync('dist', { recursive: true })
const results = ['unit-tests', ...systemTests.map((lane) => lane.results)].map(resultsFile)
for (const file of results) rmSync(file, { force: true })

let red = 0
for (const stage of stages) {
  const failed = (await Promise.all(stage.map(run))).filter((isGreen) => !isGreen).length
  red += failed
  // Without a build there is nothing for the system tests to run.
  if (failed > 0 && stage[0].name === 'build') break
}

function resultsFile(name) {
  return `dist/${name}.json`
}

/** Whether the step ended well. */
async function run({ name, command: [program, ...rest] }) {
  console.log(`\n── ${name}`)
  const child = spawn(program, rest, { stdio: 'inherit' })
  let hung = false
  const limit = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, stepLimitMs)
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('close', resolve)
  })
  clearTimeout(limit)
  if (status === 0) return true
  console.error(`✗ ${name}${hung ? ': it hung and was ended' : ''}`)
  return false
}

const sum = { passed: 0, failed: 0, skipped: 0 }
for (const file of results) {
  if (!existsSync(file)) continue
  const report = JSON.parse(readFileSync(file, 'utf8'))
  sum.passed += report.numPassedTests
  sum.failed += report.numFailedTests
  sum.skipped += report.numPendingTests + report.numTodoTests
}
console.log(`\n${sum.passed} passed, ${sum.failed + (sum.failed === 0 ? red : 0)} failed, ${sum.skipped} skipped`)
process.exit(red === 0 && sum.failed === 0 && sum.passed > 0 ? 0 : 1)
