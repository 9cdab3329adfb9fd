/**
 * `npm run check`: every gate in turn, cheapest first, stopping at the first that fails.
 * `npm run check -- lint types` runs those alone; `--no-tests` leaves the unit tests out.
 */

import { gates } from './gates.mjs'
import { runGate } from './run-gate.mjs'

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const withoutTests = process.argv.includes('--no-tests')
const unknown = asked.filter((name) => !gates.some((gate) => gate.name === name))
if (unknown.length > 0) {
  console.error(`No such gate: ${unknown.join(', ')}. There are: ${gates.map((gate) => gate.name).join(', ')}.`)
  process.exit(2)
}

for (const gate of gates) {
  if (asked.length > 0 && !asked.includes(gate.name)) continue
  if (withoutTests && gate.name === 'unit tests') continue
  const { code, output, seconds } = await runGate(gate, process.cwd())
  if (code !== 0) {
    process.stdout.write(output)
    console.error(`\n✗ ${gate.name} (${gate.command.join(' ')})`)
    process.exit(1)
  }
  console.log(`✓ ${gate.name.padEnd(12)} ${seconds.toFixed(1)} s`)
}
