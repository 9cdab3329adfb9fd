/**
 * Every address that /openapi.json documents, asked of a whole node in which a first day was lived and certificates were
 * issued: real rules, real ledger, real read model. Each answer is held to what the document says of it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificatesDemo } from '@chengxin/services'
import { createConformanceCheck, type OpenApiDocument } from '@chengxin/testkit/openapi-conformance'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstDay } from '../../apps/node/src/sample-city/first-day.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

let sample: SampleNode
let ask: (path: string) => Promise<{ status: number; headers: Headers; text: string }>
let openApi: OpenApiDocument
let base: string

beforeAll(async () => {
  sample = await openSampleNode()
  let send: typeof fetch = fetch
  sample.clientThrough((through) => {
    send = through
    return through
  })
  ask = async (path) => {
    const response = await send(`http://localhost:8080${path}`)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  openApi = JSON.parse((await ask('/openapi.json')).text) as OpenApiDocument
  base = `/v1/groups/${sample.ledger.groupId}`
  await firstDay(sample.node.group(sample.ledger.groupId))
  const csv = await readFile(new URL('../../samples/graduates.csv', import.meta.url))
  for await (const step of certificatesDemo({
    node: sample.node,
    csv,
    directory: join(sample.directory, 'demo'),
    limit: 6,
  })) {
    expect(step.ok).toBe(true)
  }
  await sample.node.group(sample.ledger.groupId).readModelReached(sample.ledger.head().height)
})
afterAll(() => sample.close())

type Rows = readonly { readonly [member: string]: string | number }[]
async function first(path: string, list: string, member: string): Promise<string> {
  const answer = JSON.parse((await ask(base + path)).text) as { readonly [list: string]: Rows }
  const value = answer[list]?.[0]?.[member]
  if (value === undefined) throw new Error(`${path} has no ${list} with ${member}.`)
  return encodeURIComponent(value)
}

/** What to put for the parameters of each template; found in the lists of the same node. */
const examples: { readonly [path: string]: () => Promise<string> | string } = {
  '/transactions/{id}': () => first('/transactions', 'transactions', 'id'),
  '/receipts/{id}': () => first('/transactions', 'transactions', 'id'),
  '/blocks/{height}': () => '1',
  '/log/tile/{path}': () => `0/000.p/${sample.ledger.head().size}`,
  '/log/tile/entries/{path}': () => `000.p/${sample.ledger.head().size}`,
  '/log/raw/{height}': () => '1',
  '/log/raw/{height}/digest': () => '1',
  '/log/contradictions/{id}': () => 'A'.repeat(43),
  '/documents/{hash}': () => first('/status-lists', 'statusLists', 'hash'),
  '/anchored-documents/{hash}': () => first('/status-lists', 'statusLists', 'hash'),
  '/status-lists/{listId}': () => first('/status-lists', 'statusLists', 'listId'),
  '/status-lists/{listId}/versions': () => first('/status-lists', 'statusLists', 'listId'),
  '/verifiers/{did}': () => first('/transactions', 'transactions', 'signer'),
  '/batches/{batchId}': () => first('/batches', 'batches', 'batchId'),
  '/members/{memberId}': () => first('/members', 'members', 'memberId'),
  '/proposals/{proposalId}': () => first('/proposals', 'proposals', 'proposalId'),
  '/dids/{did}': () => first('/transactions', 'transactions', 'signer'),
  '/points/programs/{programId}': () => first('/points/programs', 'programs', 'programId'),
  '/points/accounts/{accountId}': () => first('/points/accounts', 'accounts', 'accountId'),
  '/points/holds/{holdId}': () => first('/points/holds', 'holds', 'holdId'),
  '/state/{domain}/{table}/{key}': async () =>
    `identity/identities/${await first('/transactions', 'transactions', 'signer')}`,
}

/** A young city whose log tells one story has no agreed state root, no proof of a contradiction, and no registered verifier. */
const nothingThere = ['/log/state-checkpoint', '/log/contradictions/{id}', '/verifiers/{did}']

test('each documented address answers as documented', async () => {
  const check = createConformanceCheck(openApi)
  const asked: string[] = []
  for (const [template, methods] of Object.entries(openApi.paths)) {
    // A live stream has no end, and only a city with samples shows any.
    if (methods['get'] === undefined || template.endsWith('/events') || template.startsWith('/v1/sample')) continue
    const below = template.replace('/v1/groups/{group}', '')
    const path = template.startsWith('/v1/groups/{group}') ? base + (await filled(below)) : await filled(template)
    const { status, headers, text } = await ask(path)
    expect(status, `${path} ${text.slice(0, 300)}`).toBe(nothingThere.includes(below) ? 404 : 200)
    check('GET', path, { statusCode: status, headers: Object.fromEntries(headers), body: text })
    asked.push(template)
  }
  expect(asked.length).toBeGreaterThan(30)
})

async function filled(template: string): Promise<string> {
  if (!template.includes('{')) return template
  if (template === '/1.0/identifiers/{did}')
    return `/1.0/identifiers/${await first('/transactions', 'transactions', 'signer')}`
  const example = examples[template]
  if (example === undefined) throw new Error(`This test knows no example for ${template}; add one.`)
  const value = await example()
  const [head = ''] = template.split('{')
  const tail = /\}(\/[a-z-]+)$/.exec(template)?.[1] ?? ''
  return head + value + tail
}

test('lists are not empty, so that their rows were held to the schemas too', async () => {
  for (const [path, list] of [
    ['/transactions', 'transactions'],
    ['/blocks', 'blocks'],
    ['/members', 'members'],
    ['/roles', 'roles'],
    ['/proposals', 'proposals'],
    ['/dids', 'dids'],
    ['/credential-types', 'types'],
    ['/issuers', 'issuers'],
    ['/batches', 'batches'],
    ['/status-lists', 'statusLists'],
    ['/points/programs', 'programs'],
    ['/points/accounts', 'accounts'],
  ] as const) {
    const answer = JSON.parse((await ask(base + path)).text) as { readonly [list: string]: Rows }
    expect(answer[list]?.length, path).toBeGreaterThan(0)
  }
})

test('what is found by searching is there', async () => {
  for (const text of ['member_university', '1', await first('/transactions', 'transactions', 'signer')]) {
    const { hits } = JSON.parse((await ask(`${base}/search?q=${text}`)).text) as {
      hits: { kind: string; id: string }[]
    }
    expect(hits.length, text).toBeGreaterThan(0)
  }
})

test('a read model that is behind is waited for: the committed height is in it', async () => {
  const { projection, height } = JSON.parse((await ask(base)).text) as {
    projection: { height: number; state: string }
    height: number
  }
  expect([projection.height, projection.state]).toEqual([height, 'current'])
})
