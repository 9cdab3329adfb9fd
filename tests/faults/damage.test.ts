/**
 * Bytes that change while a node is down: what is damaged is named with what to do, what can be made anew is made anew
 * unasked, and nothing false is ever served.
 */
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { openBundle, openStatusList, type TrustBundle, webPlatform } from '@chengxin/audit'
import { createNodeClient } from '@chengxin/client'
import { expectOk } from '@chengxin/kernel'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'

const place = temporaryData()
const original = join(place.path, 'original')
const program = join(home, 'apps/node/dist/main.js')
const city = 'groups/sample-city'
let truth: Truth
let running: RunningNode | undefined

/** What a node serves that could be told wrongly. */
interface Truth {
  readonly group: string
  readonly head: unknown
  readonly bundle: TrustBundle
  readonly answers: ReadonlyMap<string, string>
}

beforeAll(async () => {
  const node = await startNode({ data: original })
  truth = await readTruth(node)
  expect(await node.stop(), node.output()).toBe(0)
})

// Whatever a test thought of it, no node outlives it.
afterEach(() => running?.kill())
afterAll(() => place.remove())

async function readTruth(node: RunningNode): Promise<Truth> {
  const client = await createNodeClient({ url: node.url }).findGroup()
  const { size, head } = (await client.get('')) as { size: number; head: unknown }
  const { transactions } = (await client.get('/transactions?limit=100')) as { transactions: readonly { id: string }[] }
  expect(transactions).toHaveLength(size)
  const bundle = expectOk(await openBundle(await client.getText('/trust-bundle')))
  const paths = [
    '/genesis',
    `/log/tile/0/000.p/${size}`,
    `/log/tile/entries/000.p/${size}`,
    ...transactions.map(({ id }) => `/transactions/${id}`),
    ...['account_silva', 'account_chan', 'account_leong'].map((id) => `/points/accounts/${id}`),
    ...bundle.statusLists.map(({ listId }) => `/status-lists/${listId}`),
  ]
  const answers = new Map<string, string>()
  for (const path of paths) answers.set(path, await client.getText(path))
  return { group: client.groupId, head: agreed(head), bundle, answers }
}

function agreed(head: unknown): unknown {
  const { agreedHash, size } = head as { agreedHash: string; size: number }
  return { agreedHash, size }
}

let copies = 0
function copyOfData(): string {
  const copy = join(place.path, `copy-${copies++}`)
  fs.cpSync(original, copy, { recursive: true })
  return copy
}

/** Changes one bit in every place where the text stands, so that no old copy of a page is mistaken for the living one. */
function flipWhere(file: string, text: string): void {
  const bytes = fs.readFileSync(file)
  let found = 0
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + text.length - 1] = (bytes[at + text.length - 1] as number) ^ 1
    found++
  }
  if (found === 0) throw new Error(`${file} holds no ${text}.`)
  fs.writeFileSync(file, bytes)
}

function flipAt(file: string, share: number): void {
  const bytes = fs.readFileSync(file)
  const at = Math.floor(bytes.length * share)
  bytes[at] = (bytes[at] as number) ^ 1
  fs.writeFileSync(file, bytes)
}

const only = (folder: string, ending = ''): string => {
  const name = fs.readdirSync(folder).find((one) => one.endsWith(ending))
  if (name === undefined) throw new Error(`${folder} is empty.`)
  return join(folder, name)
}

interface Found {
  readonly code: string
  readonly file: string
  readonly advice: string
}

/** What the audit of a store finds. */
function audit(data: string): {
  readonly status: number | null
  readonly damages: readonly Found[]
  readonly output: string
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'audit-store', '--data', data, '--json'], {
    encoding: 'utf8',
  })
  const lines = stdout.trim() === '' ? [] : stdout.trim().split('\n')
  return {
    status,
    damages: lines.flatMap((line) => (JSON.parse(line) as { damages: readonly Found[] }).damages),
    output: `${stdout}${stderr}`,
  }
}

/** Starts on this data: a node that runs, or the last thing it said. */
async function start(data: string): Promise<RunningNode | string> {
  try {
    running = await startNode({ data })
    return running
  } catch (error) {
    return (error as Error).message
  }
}

/** Every answer is the true one or none at all. */
async function expectNothingFalse(node: RunningNode): Promise<{ readonly refused: readonly string[] }> {
  const refused: string[] = []
  for (const [path, answer] of truth.answers) {
    const response = await fetch(`${node.url}/v1/groups/${truth.group}${path}`)
    const text = await response.text()
    if (response.status === 200 && path.startsWith('/status-lists/')) await expectSameList(text, answer)
    else if (response.status === 200) expect(text, path).toBe(answer)
    if (text !== answer) refused.push(`${path} ${response.status} ${text}`)
  }
  return { refused }
}

/** A list may have been signed anew since; then it says the same, by a key of its issuer. */
async function expectSameList(text: string, answer: string): Promise<void> {
  const open = async (token: string) =>
    expectOk(await openStatusList(webPlatform, token, (keyId) => truth.bundle.issuerKey(keyId)?.key.jwk))
  const { issuedAtMs: _issuedAt, expiresAtMs: _expiresAt, ...said } = await open(text)
  expect(await open(answer)).toMatchObject(said)
}

test('a store without damage has none to report', () => {
  expect(audit(original)).toMatchObject({ status: 0, damages: [] })
})

const damages: readonly [string, string, (data: string) => void, RegExp][] = [
  ['the log', 'log_damaged', (data) => flipAt(only(join(data, city, 'log'), '.seg'), 0.5), /^log\//],
  ['the first byte of the log', 'log_damaged', (data) => flipAt(only(join(data, city, 'log'), '.seg'), 0), /^log\//],
  ['the tiles', 'tile_damaged', (data) => flipAt(join(data, city, 'tiles/0'), 0.5), /^tiles\//],
  [
    'the state',
    'state_damaged',
    (data) => flipWhere(join(data, city, 'state/recent/data.mdb'), 'account_silva'),
    /^state\//,
  ],
  [
    'a document',
    'document_damaged',
    (data) => flipAt(only(join(data, 'documents', truth.group), '.jwt'), 0.5),
    /\/documents\//,
  ],
  [
    'the trust bundle',
    'document_damaged',
    (data) => flipAt(join(data, 'documents', truth.group, 'trust-bundle.json'), 0.5),
    /trust-bundle/,
  ],
  ['a ruleset', 'ruleset_damaged', (data) => flipAt(only(join(data, city, 'rulesets'), '.js'), 0.5), /\/rulesets\//],
  ['a key', 'key_file_damaged', (data) => flipAt(join(data, 'keys/cosigner.json'), 0.9), /cosigner/],
]

test.each(damages)(
  '%s: the audit says %s, and what to do; nothing false is served',
  async (_what, code, damage, file) => {
    const data = copyOfData()
    damage(data)
    const { status, damages: found, output } = audit(data)
    expect(status, output).toBe(1)
    expect(found[0], output).toMatchObject({ code, file: expect.stringMatching(file) as unknown })
    expect(found[0]?.advice).toMatch(/\w+ .*\.$/)

    const node = await start(data)
    if (typeof node === 'string') expect(node).toMatch(code)
    else {
      await expectNothingFalse(node)
      await node.kill()
    }
  },
)

test.each<[string, string, (data: string) => void, RegExp]>([
  ['a record of the vault', 'vault_damaged', (data) => flipWhere(join(data, 'vault/data.mdb'), '"m":["'), /vault/],
  ['a page of the vault', 'vault_damaged', (data) => fs.truncateSync(join(data, 'vault/data.mdb'), 20_480), /vault/],
  [
    'a genesis that founds another group',
    'genesis_damaged',
    (data) => {
      const file = join(data, city, 'genesis.json')
      const text = fs.readFileSync(file, 'utf8')
      const other = text.replace('"Sample City', '"Simple City')
      expect(other).not.toBe(text)
      fs.writeFileSync(file, other)
    },
    /genesis/,
  ],
  [
    'a quorum that cosigned another log',
    'witness_damaged',
    (data) => {
      const file = join(data, city, 'witness/quorum.json')
      const { note } = JSON.parse(fs.readFileSync(file, 'utf8')) as { note: string }
      const [origin, size, , ...rest] = note.split('\n')
      const root = Buffer.alloc(32, 7).toString('base64')
      fs.writeFileSync(file, JSON.stringify({ note: [origin, size, root, ...rest].join('\n') }))
    },
    /quorum/,
  ],
  [
    'a proof of a contradiction',
    'witness_damaged',
    (data) => fs.writeFileSync(join(data, city, 'witness', `${'A'.repeat(43)}.json`), '{}'),
    /witness/,
  ],
])('%s: the audit says %s, and what to do', (_what, code, damage, file) => {
  const data = copyOfData()
  damage(data)
  const { status, damages: found, output } = audit(data)
  expect(status, output).toBe(1)
  expect(found[0], output).toMatchObject({ code, file: expect.stringMatching(file) as unknown })
  expect(found[0]?.advice).toMatch(/\w+ .*\.$/)
})

test.each<[string, (data: string) => void, RegExp]>([
  ['the genesis', (data) => flipWhere(join(data, city, 'genesis.json'), 'member_university'), /genesis/],
  ['the genesis, no JSON any more', (data) => flipAt(join(data, city, 'genesis.json'), 0), /genesis/],
  ['a key', (data) => flipWhere(join(data, 'keys/log.json'), '"'), /key log/],
])('%s: the node does not start, and says why in a sentence', async (_what, damage, named) => {
  const data = copyOfData()
  damage(data)
  const said = await start(data)
  if (typeof said !== 'string') await said.kill()
  expect(said).toMatch(named)
  // A sentence for an operator, not the place in our code where it was noticed.
  expect(said).not.toMatch(/\n\s+at /)
})

const healing: readonly [string, (data: string) => void][] = [
  [
    'a tail that was torn while it was written',
    (data) => fs.appendFileSync(only(join(data, city, 'log'), '.seg'), Buffer.alloc(777, 0xc3)),
  ],
  ['a lost state', (data) => fs.rmSync(join(data, city, 'state'), { recursive: true })],
  ['a lost read model', (data) => fs.rmSync(join(data, 'read-model'), { recursive: true })],
  ['a damaged read model', (data) => fs.writeFileSync(join(data, 'read-model/sample-city/PG_VERSION'), 'x')],
  ['a changed ruleset on the shelf', (data) => flipAt(only(join(data, city, 'rulesets'), '.js'), 0.5)],
  ['a lock that a dead process left', (data) => fs.writeFileSync(join(data, 'node.lock'), '999999999\n')],
]

test.each(healing)('%s: made good by the next start, unasked', async (_what, damage) => {
  const data = copyOfData()
  damage(data)
  const node = await start(data)
  if (typeof node === 'string') throw new Error(node)
  const client = createNodeClient({ url: node.url }).group(truth.group)
  const { head, height } = (await client.get('')) as { head: unknown; height: number }
  expect(agreed(head)).toEqual(truth.head)
  await client.readModelReached(height)
  expect(await expectNothingFalse(node)).toEqual({ refused: [] })
  expect(await node.stop(), node.output()).toBe(0)
  expect(audit(data)).toMatchObject({ status: 0, damages: [] })
})
