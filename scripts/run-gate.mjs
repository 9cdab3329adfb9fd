/** Runs one gate in a tree and keeps what it printed. */
import { spawn } from 'node:child_process'

/**
 * @param {{command: string[]}} gate
 * @param {string} tree the folder to run in
 * @returns {Promise<{code: number, output: string, seconds: number}>}
 */
export function runGate(gate, tree) {
  const started = process.hrtime.bigint()
  return new Promise((resolve, reject) => {
    const [program, ...rest] = gate.command
    const child = spawn(program, rest, {
      cwd: tree,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8'), seconds })
    })
  })
}
