/**
 * `npm test`: the gates, the proof that each gate can fail, the build, and the tests that need a running program.
 * Ends with one line that counts the tests. Foreign programs that are missing are named, and count as skipped;
 * with CHENGXIN_REQUIRE_PEERS=1 they count as failed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'

const results = ['dist/unit-tests.json', 'dist/system-tests.json']
const steps = [
  { name: 'gates', command: ['node', 'scripts/check.mjs'] },
  { name: 'proof of the gates', command: ['node', 'scripts/prove-gates.mjs'] },
  { name: 'build', command: ['node', 'scripts/build.mjs'] },
  {
    name: 'system tests',
    command: [
      'node_modules/.bin/vitest',
      'run',
      '--project',
      'system',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${results[1]}`,
    ],
  },
]

/** Far above what any step takes on a slow machine: a program that hangs shall not hold everything up for ever. */
const stepLimitMs = 45 * 60_000

mkdirSync('dist', { recursive: true })
for (const file of results) rmSync(file, { force: true })

let red = 0
for (const { name, command } of steps) {
  const [program, ...rest] = command
  console.log(`\n── ${name}`)
  const { status, error } = spawnSync(program, rest, { stdio: 'inherit', timeout: stepLimitMs, killSignal: 'SIGKILL' })
  if (status !== 0) {
    red++
    console.error(`✗ ${name}${error?.code === 'ETIMEDOUT' ? ': it hung and was ended' : ''}`)
    // Without a build there is nothing for the system tests to run.
    if (name === 'build') break
  }
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
