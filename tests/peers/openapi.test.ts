/** Schemathesis reads /openapi.json of a whole node and asks what it likes: whatever comes back has to be what is written there. */
import { spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { requirePeer } from './require-peer.ts'

const program = process.env['CHENGXIN_SCHEMATHESIS'] ?? 'schemathesis'
const isThere = requirePeer(
  'Schemathesis',
  () => spawnSync(program, ['--version']).status === 0,
  'pip install schemathesis==4.32.5, and put it in the PATH or its path in CHENGXIN_SCHEMATHESIS',
)
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'unsupported_method',
]

/** What it found, without the advice and the warnings around it. */
function failuresIn(output: string): string {
  const from = output.indexOf('= FAILURES =')
  return output.slice(Math.max(from, 0)).slice(0, 6000)
}

/** What the node says of errors of its own. */
function errorsIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.startsWith('{"level":50'))
  return lines.slice(0, 5).join('\n')
}

describe.skipIf(!isThere)('the interface as another program reads it', () => {
  const data = temporaryData()
  let node: RunningNode

  beforeAll(async () => {
    node = await startNode({ data: data.path })
  })

  afterAll(async () => {
    await node?.stop()
    data.remove()
  })

  /** The exit code, and what it printed. */
  async function run(document: string, ...options: readonly string[]) {
    const all = ['run', document, '--url', node.url, '--checks', checks.join(','), '--generation-deterministic']
    // Paths of tiles fit a narrow pattern, which it seldom guesses.
    const more = ['--phases', 'coverage,fuzzing', '--suppress-health-check', 'filter_too_much', '--no-color']
    const child = spawn(program, [...all, ...more, ...options], { cwd: data.path })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
    const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done))
    return { code, output }
  }

  test('every address answers as it is described, whatever it is asked', async () => {
    const { code, output } = await run(`${node.url}/openapi.json`, '--max-examples', '10')
    expect(code, `${failuresIn(output)}\n${errorsIn(node.output())}`).toBe(0)
    expect(output).toMatch(/Tested: +[12]\d\d/)
  }, 900_000)

  test('an answer that is described otherwise is found', async () => {
    const document = (await (await fetch(`${node.url}/openapi.json`)).json()) as {
      readonly paths: { readonly [path: string]: { readonly get: { responses: object } } }
    }
    const health = document.paths['/health']
    if (health === undefined) throw new Error('The document does not describe /health.')
    const lie = { type: 'object', properties: { status: { const: 'ill' } }, required: ['status'] }
    health.get.responses = { default: { description: 'A lie.', content: { 'application/json': { schema: lie } } } }
    const file = join(data.path, 'openapi.json')
    await writeFile(file, JSON.stringify(document))
    const { code, output } = await run(file, '--include-path', '/health', '--max-examples', '2')
    expect(code, output).toBe(1)
    expect(output).toContain('Response violates schema')
  })
})
