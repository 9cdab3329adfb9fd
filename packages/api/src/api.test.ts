/** Every fixed address once and more, each answer held to /openapi.json. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize, refuse } from '@chengxin/kernel'
import { type ApiScene, gone, openApiScene, sha256Text } from '@chengxin/testkit/api-scene'
import { ann, storeShopEvent } from '@chengxin/testkit/shop'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDocumentStore } from './documents.ts'
import type { NamedDocument } from './options.ts'

const anchored = new Set<string>()
const directory = mkdtempSync(join(tmpdir(), 'chengxin-api-'))
const documents = createDocumentStore({
  directory,
  isAnchored: async (_group, hash) => anchored.has(hash),
  acceptBundle: async (_group, text, held) =>
    held !== undefined && text <= held ? refuse('bundle_not_newer') : undefined,
})
const moved = (amount: bigint) => storeShopEvent({ type: 'moved', account: 'acct_genesis', amount })

const tokens: NamedDocument = {
  path: '/status-lists/:listId',
  summary: 'The newest token.',
  mediaType: 'application/statuslist+jwt',
  hashes: async (_sql, name) => (name === 'list_one' ? [sha256Text('newer, not held'), sha256Text('token')] : []),
}

let scene: ApiScene
beforeAll(async () => {
  scene = await openApiScene({
    judge: (text) => {
      if (text === 'bad') return { status: 'rejected', code: 'envelope_malformed', at: '/actions/0' }
      if (text === 'forged') return { status: 'rejected', code: 'signature_invalid' }
      if (text === 'full') return { status: 'rejected', code: 'queue_full', retryAfterMs: 2500 }
      if (text === 'poor') return { signer: ann, types: ['shop.trade'], code: 'balance_too_low' }
      return { signer: ann, types: ['shop.trade', 'shop.open'], events: [moved(3n)] }
    },
    options: {
      documents,
      namedDocuments: [tokens],
      searches: [async ({ text }) => (text.startsWith('member_') ? [{ kind: 'member', id: text, label: text }] : [])],
      sample: () => ({
        files: [{ name: 'good', mediaType: 'text/plain', text: 'a~b~' }],
        bundleUrl: '/v1/groups/x/trust-bundle',
      }),
    },
  })
}, 60_000)
afterAll(async () => {
  await scene.close()
  rmSync(directory, { recursive: true, force: true })
})

const send = (body: unknown, headers = { 'content-type': 'application/json' }) =>
  scene.ask('POST', `${scene.base}/transactions`, { body, headers })
const get = (path: string, headers: Record<string, string> = {}) => scene.ask('GET', scene.base + path, { headers })

describe('submitting', () => {
  test('many: 200 and one outcome each, in order', async () => {
    const answer = await send({ transactions: ['one', 'bad', 'poor'] })
    expect(answer.statusCode).toBe(200)
    const { outcomes } = answer.json<{
      outcomes: { status: string; code?: string; receipt?: string; sentence?: string }[]
    }>()
    expect(outcomes.map(({ status, code }) => [status, code])).toEqual([
      ['committed', undefined],
      ['rejected', 'envelope_malformed'],
      ['refused', 'balance_too_low'],
    ])
    expect(outcomes[0]?.receipt).toBe(`${scene.base}/receipts/${sha256Text('one')}`)
    expect(outcomes[2]?.sentence).toBe('The account has too little.')
  })

  test.each([
    ['bad', 400, 'envelope_malformed', undefined],
    ['forged', 401, 'signature_invalid', undefined],
    ['full', 429, 'queue_full', '3'],
  ])('one alone that is rejected (%s): status %i from the kind of %s', async (text, status, code, retryAfter) => {
    const answer = await send(text, { 'content-type': 'application/jose' })
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.headers['retry-after']).toBe(retryAfter)
    expect(answer.json()).toMatchObject({ code, outcomes: [{ status: 'rejected', code }] })
  })

  test('one alone that is refused by a rule is in the log: 200', async () => {
    const answer = await send('poor', { 'content-type': 'application/jose' })
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { outcomes: [{ status: 'refused', code: 'balance_too_low' }] },
    ])
  })

  test.each<[string, unknown, string, number, string]>([
    ['no transactions', { transactions: [] }, 'application/json', 400, 'request_malformed'],
    ['257 transactions', { transactions: Array(257).fill('x') }, 'application/json', 400, 'request_malformed'],
    ['a further member', { transactions: ['x'], mode: 1 }, 'application/json', 400, 'request_malformed'],
    ['a list', ['x'], 'application/json', 400, 'request_malformed'],
    ['an object for text', { transactions: [{}] }, 'application/json', 400, 'request_malformed'],
    ['no JSON', '{"transactions":', 'application/json', 400, 'request_malformed'],
    ['a prototype', '{"__proto__":{},"transactions":["x"]}', 'application/json', 400, 'request_malformed'],
    ['another media type', 'x', 'text/plain', 415, 'media_type_not_supported'],
    ['nothing', '', 'application/json', 400, 'request_malformed'],
  ])('a body with %s', async (_case, body, mediaType, status, code) => {
    const answer = await send(body, { 'content-type': mediaType })
    expect([answer.statusCode, answer.json()['code']]).toEqual([status, code])
  })

  test('a body that is not there', async () => {
    const answer = await scene.ask('POST', `${scene.base}/transactions`)
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'request_malformed', at: '/body' }])
  })

  test('a body of a type that another address takes', async () => {
    const answer = await scene.ask('POST', `${scene.base}/engine`, {
      body: '"x"',
      headers: { 'content-type': 'application/jose' },
    })
    expect([answer.statusCode, answer.json()['code']]).toEqual([415, 'media_type_not_supported'])
  })

  test('a body one byte over the limit', async () => {
    const answer = await send('x'.repeat(16 * 1024 * 1024 + 1), { 'content-type': 'application/jose' })
    expect([answer.statusCode, answer.json()['code']]).toEqual([413, 'body_too_large'])
  })
})

describe('reading', () => {
  test('groups and one group', async () => {
    const groups = (await scene.ask('GET', '/v1/groups')).json<{ groups: unknown[] }>().groups
    const { height, size, timeMs } = scene.ledger.head()
    const summary = { id: scene.ledger.groupId, name: 'Test group', sample: false, members: 1, height, size, timeMs }
    expect(groups).toMatchObject([summary])
    expect((await get('')).json()).toMatchObject({
      ...summary,
      health: { status: 'ok' },
      projection: { engine: 'pglite' },
    })
  })

  test('genesis: exactly the bytes that the group id is the hash of', async () => {
    const answer = await get('/genesis')
    expect(sha256Text(answer.body)).toBe(scene.ledger.groupId)
    expect(answer.headers['cache-control']).toMatch(/immutable/)
  })

  test('a transaction, its receipt, its block', async () => {
    await send({ transactions: ['shown'] })
    const id = sha256Text('shown')
    const transaction = (await get(`/transactions/${id}`)).json<{ height: number; signer: string }>()
    expect(transaction).toMatchObject({
      status: 'committed',
      code: 'ok',
      signer: ann,
      types: ['shop.trade', 'shop.open'],
    })
    // Nobody collects cosignatures in this scene; witness.test.ts has receipts.
    for (const format of ['tlog-proof', 'cose']) {
      expect((await get(`/receipts/${id}?format=${format}`)).json()).toMatchObject({ code: 'receipt_quorum_pending' })
    }
    expect((await get(`/receipts/${id}?format=pdf`)).statusCode).toBe(400)
    expect((await get(`/receipts/${'A'.repeat(43)}?format=cose`)).statusCode).toBe(404)
    const block = (await get(`/blocks/${transaction.height}`)).json<{ transactions: unknown[] }>()
    expect(block.transactions).toMatchObject([{ id, signer: ann, timeMs: scene.ledger.head().timeMs }])
    expect((await get('/blocks/0')).json()).toMatchObject({
      transactions: [],
      genesisEvents: [{ type: 'shop.opened' }],
    })
  })

  test('lists are paged and filtered', async () => {
    for (let index = 0; index < 5; index++) await send({ transactions: [`listed ${index}`] })
    scene.ledger.append([{ signer: scene.member.did, principals: [ann], types: ['shop.other'], text: 'for ann' }])
    await scene.projection.reached(scene.ledger.headHeight())
    type Page = { transactions: { leafIndex: number; types: string[] }[]; next?: string }
    const seen: number[] = []
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page: Page = (await get(`/transactions?limit=3${next === '' ? '' : `&before=${next}`}`)).json<Page>()
      seen.push(...page.transactions.map(({ leafIndex }) => leafIndex))
      next = page.next
    }
    expect(seen).toEqual(
      Array.from({ length: scene.ledger.head().size }, (_, index) => scene.ledger.head().size - 1 - index),
    )

    const countOf = async (query: string) =>
      (await get(`/transactions?limit=200&${query}`)).json<Page>().transactions.length
    expect(await countOf(`did=${ann}`)).toBe(scene.ledger.head().size)
    expect(await countOf(`did=${scene.member.did}`)).toBe(1)
    expect(await countOf(`did=${ann}&type=shop.other`)).toBe(1)
    // What was refused for lack of money had one action only.
    const poor = (await get('/transactions?limit=200'))
      .json<Page>()
      .transactions.filter(({ types }) => types.length === 1)
    expect(await countOf('type=shop.open')).toBe(scene.ledger.head().size - poor.length)
    expect(await countOf('type=shop.trade')).toBe(scene.ledger.head().size - 1)
    expect(await countOf(`did=${scene.member.did}&type=shop.open`)).toBe(0)

    type Blocks = { blocks: { height: number }[]; next?: string }
    const first = (await get('/blocks?limit=2')).json<Blocks>()
    const second = (await get(`/blocks?limit=2&before=${first.next}`)).json<Blocks>()
    const head = scene.ledger.headHeight()
    expect([...first.blocks, ...second.blocks].map(({ height }) => height)).toEqual([
      head,
      head - 1,
      head - 2,
      head - 3,
    ])
  })

  test('a domain’s routes, amounts as text', async () => {
    await scene.projection.reached(scene.ledger.headHeight())
    const accounts = (await get('/shop/accounts?owner=city')).json<{ accounts: unknown[] }>().accounts
    expect(accounts).toMatchObject([{ account: 'acct_genesis' }])
    expect((await get('/shop/accounts/acct_genesis')).json()['balance']).toMatch(/^[0-9]+$/)
    expect((await get('/shop/accounts/acct_none')).statusCode).toBe(404)
    expect((await get('/shop/accounts/nobody')).statusCode).toBe(400)
  })

  test('state rows, with what they are as of', async () => {
    scene.ledger.rows.set('shop/accounts/a/b', { balance: '3' })
    const answer = (await get('/state/shop/accounts/a/b')).json()
    const { size, root } = scene.ledger.head()
    expect(answer).toEqual({ row: { balance: '3' }, asOf: { size, root } })
    expect((await get('/state/shop/accounts/none')).statusCode).toBe(404)
  })

  test('search', async () => {
    await send({ transactions: ['found'] })
    const hitsOf = async (text: string) =>
      (await get(`/search?q=${encodeURIComponent(text)}`)).json<{ hits: { kind: string }[] }>().hits
    expect((await hitsOf(sha256Text('found'))).map(({ kind }) => kind)).toEqual(['transaction'])
    expect((await hitsOf('0')).map(({ kind }) => kind)).toEqual(['block'])
    expect((await hitsOf(`${ann}#key-1`)).map(({ kind }) => kind)).toEqual(['did'])
    expect((await hitsOf('member_x')).map(({ kind }) => kind)).toEqual(['member'])
    expect(await hitsOf('  ')).toEqual([])
    expect(await hitsOf('99999999')).toEqual([])
  })

  test('sample files', async () => {
    expect((await scene.ask('GET', '/v1/sample')).json()['files']).toEqual([{ name: 'good', url: '/v1/sample/good' }])
    expect((await scene.ask('GET', '/v1/sample/good')).body).toBe('a~b~')
    expect((await scene.ask('GET', '/v1/sample/none')).statusCode).toBe(404)
  })

  test.each([
    ['/v1/groups/none', 'group_not_found'],
    ['/v1/groups/none/transactions', 'group_not_found'],
    ['/v1/none', 'route_not_found'],
    ['/nowhere', 'route_not_found'],
  ])('%s is missing: %s', async (path, code) => {
    expect((await scene.ask('GET', path)).json()).toMatchObject({ status: 404, code })
  })

  test.each([
    ['PUT', '/v1/groups', 'GET, HEAD'],
    ['POST', '/health', 'GET, HEAD'],
    ['PUT', `/v1/groups/${'x'.repeat(43)}/transactions`, 'POST, GET, HEAD'],
    ['POST', `/v1/groups/${'x'.repeat(43)}/events`, 'GET'],
  ] as const)('%s %s has other methods', async (method, path, allow) => {
    const answer = await scene.ask(method, path)
    expect([answer.statusCode, answer.json()['code']]).toEqual([405, 'method_not_allowed'])
    expect(answer.headers['allow']).toBe(allow)
  })

  test.each(['/transactions?did=%00', '/search?q=a%00b', '/shop/accounts/%00'])(
    'U+0000 is no text: %s',
    async (path) => {
      const answer = await get(path)
      expect([answer.statusCode, answer.json()['code']]).toEqual([400, 'request_malformed'])
    },
  )

  test.each([
    '/transactions?limit=0',
    '/transactions?limit=201',
    `/transactions?limit=${'9'.repeat(400)}`,
    `/blocks?limit=${'9'.repeat(400)}`,
    '/transactions?before=-1',
    '/transactions?x=1',
    '/blocks?limit=1&limit=2',
    '/blocks/-1',
    '/blocks/01',
    '/transactions/short',
    '/log/tile/0/../x',
    '/log/tile/0/000.p/9999',
  ])('%s is malformed, or names nothing', async (path) => {
    const { code } = (await get(path)).json<{ code: string }>()
    expect(['request_malformed', 'route_not_found', 'not_found']).toContain(code)
  })
})

describe('the log', () => {
  test('checkpoint: to be asked again, with a tag', async () => {
    const answer = await get('/log/checkpoint')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, no-cache',
      'access-control-allow-origin': '*',
    })
    expect(answer.body).toBe(scene.ledger.checkpoint())
    const again = await get('/log/checkpoint', { 'if-none-match': String(answer.headers['etag']) })
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })

  test('tiles: full ones for ever, partial ones for an hour', async () => {
    scene.ledger.tiles.set('tile/0/000.p/7', new Uint8Array([1, 2, 3]))
    scene.ledger.tiles.set('tile/1/x001/234', new Uint8Array(32).fill(5))
    scene.ledger.tiles.set('tile/entries/000', new Uint8Array([9]))
    expect((await get('/log/tile/0/000.p/7')).headers['cache-control']).toBe('public, max-age=3600')
    const full = await get('/log/tile/1/x001/234')
    expect([full.body.length, full.headers['cache-control']]).toEqual([32, 'public, max-age=31536000, immutable'])
    expect((await get('/log/tile/entries/000')).statusCode).toBe(200)
    expect((await get('/log/tile/0/999')).statusCode).toBe(404)
  })
})

describe('DID resolution', () => {
  const resolve = (did: string, accept = '*/*') => scene.ask('GET', `/1.0/identifiers/${did}`, { headers: { accept } })

  test('the result with metadata, or the document alone', async () => {
    const result = await resolve(ann)
    expect(result.headers['content-type']).toBe('application/ld+json;profile="https://w3id.org/did-resolution"')
    expect(result.json()).toMatchObject({
      didDocument: { id: ann },
      didDocumentMetadata: { created: '2025-06-15T15:06:40Z' },
    })
    const document = await resolve(ann, 'application/did+json')
    expect([document.headers['content-type'], document.json()]).toEqual(['application/did+json', { id: ann }])
  })

  test('deactivated, unknown, no DID at all', async () => {
    const deactivated = await resolve(gone)
    expect([deactivated.statusCode, deactivated.json()['didDocumentMetadata']]).toMatchObject([
      410,
      { deactivated: true },
    ])
    expect((await resolve(gone, 'application/did+json')).json()).toMatchObject({ status: 410, code: 'did_deactivated' })
    expect((await resolve(`did:weid:test:0x${'9'.repeat(40)}`)).statusCode).toBe(404)
    expect((await resolve('did:web:example.com')).statusCode).toBe(400)
  })
})

describe('documents', () => {
  const put = (hash: string, body: string, mediaType = 'application/json') =>
    scene.ask('PUT', `${scene.base}/documents/${hash}`, {
      body: Buffer.from(body),
      headers: { 'content-type': mediaType },
    })

  test('are taken when the ledger has anchored their hash, and given back byte for byte', async () => {
    const body = '{ "spaces": "kept" }'
    const hash = sha256Text(body)
    expect((await put(hash, body)).json()).toMatchObject({ status: 409, code: 'document_not_anchored' })
    anchored.add(hash)
    expect((await put(hash, body)).statusCode).toBe(200)
    expect((await put(hash, body)).statusCode).toBe(200)
    const answer = await get(`/documents/${hash}`)
    expect([answer.body, answer.headers['content-type']]).toEqual([body, 'application/json'])
    expect(answer.headers['content-security-policy']).toBe("default-src 'none'; sandbox")
  })

  test('are refused for another hash, a media type that runs, or too many bytes', async () => {
    const hash = sha256Text('x')
    anchored.add(hash)
    expect((await put(hash, 'y')).json()).toMatchObject({ code: 'document_hash_differs' })
    expect((await put(hash, 'x', 'text/html')).json()).toMatchObject({ status: 415, code: 'media_type_not_supported' })
    expect((await put(hash, 'x'.repeat(1024 * 1024 + 1))).json()).toMatchObject({ status: 413, code: 'body_too_large' })
    expect((await get(`/documents/${hash}`)).statusCode).toBe(404)
  })

  test('under a name: the newest anchored version that is held', async () => {
    const hash = sha256Text('token')
    expect((await get('/status-lists/list_one')).statusCode).toBe(404)
    anchored.add(hash)
    await put(hash, 'token', 'application/statuslist+jwt')
    const answer = await get('/status-lists/list_one')
    expect([answer.body, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      'token',
      'application/statuslist+jwt',
      'public, no-cache',
    ])
  })

  test('under a name: where the newest version is damaged, an older one does not stand in for it', async () => {
    const newest = sha256Text('newer, not held')
    const folder = join(directory, scene.ledger.groupId)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${newest}.statuslist.jwt`), 'newer, but flipped')
    const restarted = createDocumentStore({
      directory,
      isAnchored: async () => true,
      acceptBundle: async () => undefined,
    })
    expect(await restarted.get(scene.ledger.groupId, newest)).toEqual({ refused: 'document_damaged' })
    const api = await openApiScene({ options: { documents: restarted, namedDocuments: [tokens] } })
    const answer = await api.ask('GET', `${api.base}/status-lists/list_one`)
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'document_damaged'])
    await api.close()
  })

  test('the trust bundle is kept when it is accepted', async () => {
    const offer = (body: string) =>
      scene.ask('PUT', `${scene.base}/trust-bundle`, {
        body: Buffer.from(body),
        headers: { 'content-type': 'application/json' },
      })
    expect((await get('/trust-bundle')).statusCode).toBe(404)
    expect((await offer('{"sequence":2}')).statusCode).toBe(200)
    expect((await offer('{"sequence":1}')).json()).toMatchObject({ code: 'bundle_not_newer' })
    expect((await get('/trust-bundle')).body).toBe('{"sequence":2}')
  })
})

describe('the node', () => {
  test('health follows the ledger; lists that are behind only degrade it', async () => {
    expect((await scene.ask('GET', '/health')).json()).toMatchObject({ status: 'ok' })
    scene.ledger.setHealth({ status: 'read_only', code: 'disk_full', sentence: 'No space is left.' })
    const ill = await scene.ask('GET', '/health')
    expect([ill.statusCode, ill.json()['status']]).toEqual([503, 'unavailable'])
    scene.ledger.setHealth({ status: 'ok' })
  })

  test('metrics: labels from closed sets only', async () => {
    scene.ledger.setStats({ rejected: { queue_full: 4, 'made up by nobody': 2 }, committed: 7 })
    await get(`/transactions/${sha256Text('secret id')}`)
    const { body } = await scene.ask('GET', '/metrics')
    expect(body).toContain(
      `chengxin_transactions_total{group="${scene.ledger.groupId}",outcome="rejected",code="queue_full"} 4`,
    )
    expect(body).toContain('code="other"} 2')
    expect(body).toContain('route="/v1/groups/:group/transactions/:id"')
    expect(body).not.toContain(sha256Text('secret id'))
    expect(body).toContain('nodejs_eventloop_lag_seconds')
  })

  test('members that order together show in health, in the group and in the measurements', async () => {
    scene.ledger.setConsensus({
      engine: 'CometBFT 0.38.25',
      state: 'ready',
      height: 8,
      confirmedHeight: 7,
      behind: 0,
      peers: 3,
      formerPeers: 1,
      cutOffs: 4,
      waiting: 2,
      proposer: 'member_university',
      validators: [
        { member: 'member_university', power: 1, signedHeight: 7, isLate: false },
        { member: 'member_bank', power: 1, isLate: true },
      ],
      misbehaved: [7, 9].map((height) => ({
        member: 'member_bank',
        type: 'duplicate_vote' as const,
        height,
        timeMs: 1_760_000_000_000,
      })),
    })
    const group = scene.ledger.groupId
    const { body } = await scene.ask('GET', '/metrics')
    const measured = { ready: 1, height: 8, confirmed_height: 7, peers: 3, former_peers: 1, cut_offs: 4, mempool: 2 }
    for (const [name, value] of Object.entries(measured)) {
      expect(body).toContain(`chengxin_engine_${name}{group="${group}"} ${value}\n`)
    }
    expect(body).toContain(`chengxin_validator_late{group="${group}",member="member_bank"} 1`)
    expect(body).toContain(`chengxin_validators_misbehaved{group="${group}"} 1`)
    expect(body).toContain(`chengxin_validator_late{group="${group}",member="member_university"} 0`)
    expect((await get('')).json()).toMatchObject({ consensus: { confirmedHeight: 7, proposer: 'member_university' } })
    scene.ledger.setConsensus(undefined)
    expect((await scene.ask('GET', '/metrics')).body).not.toContain('chengxin_engine_ready{')
  })

  test('the log says which pattern was asked, and nothing of what', async () => {
    await get(`/transactions?did=${ann}`)
    expect(scene.logged.at(-1)).toMatchObject({
      facts: { method: 'GET', route: '/v1/groups/:group/transactions', status: 200 },
    })
    expect(canonicalize(scene.logged)).not.toMatch(/did:weid|203\.0\.113/)
  })

  test('every answer carries the headers that keep a browser safe', async () => {
    for (const path of ['/health', '/docs', '/nowhere', '/v1/groups/none']) {
      const { headers } = await scene.ask('GET', path)
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    }
  })

  test('a browser that comes by address is sent to localhost; a program is not', async () => {
    const come = (host: string, accept: string) => scene.app.inject({ url: '/explorer?q=1', headers: { host, accept } })
    expect((await come('127.0.0.1:8080', 'text/html')).headers['location']).toBe('http://localhost:8080/explorer?q=1')
    expect((await come('[::1]', 'text/html')).headers['location']).toBe('http://localhost/explorer?q=1')
    expect((await come('127.0.0.1:8080', 'application/json')).statusCode).toBe(404)
    expect((await come('localhost:8080', 'text/html')).statusCode).toBe(200)
    expect((await come('127.0.0.1.evil.example', 'text/html')).headers['location']).toBeUndefined()
  })
})
