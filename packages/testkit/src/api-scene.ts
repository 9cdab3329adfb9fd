/** A node's API over a ledger in memory and a real read model, with answers held to the interface's own description. */
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { type ApiLimits, type ApiOptions, createApi, type LogFacts } from '@chengxin/api'
import { canonicalize, type Did, refuse } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import { defineRefusals, defineTransaction, type Presentation, type Route, s } from '@chengxin/module-kit'
import { openProjection, type Projection } from '@chengxin/projection'
import { createMemoryLedger, type MemoryLedger, type MemoryLedgerOptions, memoryGenesis } from './memory-ledger.ts'
import { createConformanceCheck, type OpenApiDocument } from './openapi-conformance.ts'
import { ann, decodeShopEvent, shop, storeShopEvent } from './shop.ts'

const account = {
  type: 'object',
  properties: { account: { type: 'string' }, balance: { type: 'string' } },
  required: ['account', 'balance'],
  additionalProperties: false,
} as const

const shopRoutes: readonly Route[] = [
  {
    path: '/shop/accounts',
    summary: 'Accounts of the shop.',
    query: {
      owner: { schema: { type: 'string' }, about: 'Only of this owner.' },
      limit: { schema: { type: 'integer', minimum: 1, maximum: 200 }, about: 'At most.' },
    },
    access: 'policy',
    response: {
      type: 'object',
      properties: { accounts: { type: 'array', items: account } },
      required: ['accounts'],
      additionalProperties: false,
    },
    answer: async ({ sql, query }) => ({
      accounts: await sql.query(
        'SELECT account, balance FROM shop_accounts WHERE ($1::text IS NULL OR owner = $1) ORDER BY account LIMIT 200',
        [query['owner'] ?? null],
      ),
    }),
  },
  {
    path: '/shop/accounts/:account',
    summary: 'One account.',
    params: { account: s.id('acct') },
    access: 'open',
    response: account,
    answer: async ({ sql, params }) =>
      (await sql.query('SELECT account, balance FROM shop_accounts WHERE account = $1', [params['account'] ?? '']))[0],
  },
]
export const shopWithRoutes: Presentation = { ...shop, routes: shopRoutes }

export const sceneRefusals = defineRefusals({
  envelope_malformed: ['malformed', 'The bytes are not a transaction.'],
  signature_invalid: ['unauthenticated', 'The signature does not hold.'],
  queue_full: ['busy', 'The queue is full.'],
  disk_full: ['busy', 'The disk is full.'],
  balance_too_low: ['conflict', 'The account has too little.'],
})

export interface Reader {
  readonly did: Did
  /** A read token of this DID's `key-1`, changed where a test wants it wrong. */
  token(payload: { readonly aud: string; readonly exp: number }, header?: { readonly [name: string]: string }): string
}

export interface ApiScene {
  readonly app: ReturnType<typeof createApi>
  readonly ledger: MemoryLedger
  readonly projection: Projection
  /** Path below the group. */
  readonly base: string
  readonly member: Reader
  readonly stranger: Reader
  readonly logged: { readonly level: string; readonly facts: LogFacts; readonly message: string }[]
  readonly openApi: OpenApiDocument
  /** Asks, and fails where the answer departs from /openapi.json. */
  ask(method: 'GET' | 'POST' | 'PUT', url: string, more?: AskOptions): Promise<SceneAnswer>
  close(): Promise<void>
}

export interface AskOptions {
  readonly headers?: { readonly [name: string]: string }
  readonly body?: unknown
  readonly from?: string
}

export interface SceneAnswer {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string | number | string[] | undefined }
  readonly body: string
  readonly rawPayload: Uint8Array
  json<T = Record<string, unknown>>(): T
}

export interface ApiSceneOptions {
  /** Another scene whose ledger and read model this one serves too; they are closed with that one. */
  readonly over?: ApiScene
  readonly readPolicy?: 'public' | 'members'
  readonly judge?: MemoryLedgerOptions['judge']
  readonly limits?: Partial<ApiLimits>
  readonly options?: Partial<ApiOptions>
  readonly now?: () => number
}

export async function openApiScene(scene: ApiSceneOptions = {}): Promise<ApiScene> {
  const { limits, now = () => 1_760_000_000_000, over } = scene
  const ledger = over?.ledger ?? openSceneLedger(scene)
  const projection = over?.projection ?? (await openSceneProjection(ledger))
  const member = createReader(`did:weid:test:0x${'b'.repeat(40)}` as Did)
  const stranger = createReader(`did:weid:test:0x${'c'.repeat(40)}` as Did)
  const readers = [member, stranger]
  const logged: { level: string; facts: LogFacts; message: string }[] = []
  const logTo = (level: string) => (facts: LogFacts, message: string) => void logged.push({ level, facts, message })
  const app = createApi({
    ledgers: [ledger],
    projections: new Map([[ledger.groupId, projection]]),
    presentations: [shopWithRoutes],
    transactions: [defineTransaction('shop.trade', { account: s.id('acct'), amount: s.positiveAmount() })],
    refusals: sceneRefusals,
    publicUrl: 'http://localhost:18130',
    version: '0.0.0-test',
    log: { info: logTo('info'), warn: logTo('warn'), error: logTo('error') },
    readers: {
      activeKey: (_ledger, did, keyId) => {
        const reader = readers.find((one) => one.did === did)
        return reader === undefined || keyId !== 'key-1' ? refuse('key_unknown') : reader.key
      },
      isUnderMember: (_ledger: Ledger, did) => did === member.did,
      verifySignature: (key, bytes, signature) =>
        verify(null, bytes, { key: key as unknown as { kty: string }, format: 'jwk' }, signature),
    },
    identities: {
      resolve: (_ledger, did) =>
        did === ann || did === gone
          ? { document: { id: did }, deactivated: did === gone, createdAtMs: 1_750_000_000_000 }
          : undefined,
    },
    now,
    ...(limits === undefined ? {} : { limits }),
    ...scene.options,
  })
  await app.ready()
  await projection.reached(0)
  const openApi = (await app.inject('/openapi.json')).json<OpenApiDocument>()
  const check = createConformanceCheck(openApi)
  return {
    app,
    ledger,
    projection,
    base: `/v1/groups/${ledger.groupId}`,
    member,
    stranger,
    logged,
    openApi,
    ask: async (method, url, { headers = {}, body, from = '203.0.113.7' } = {}) => {
      const payload = body === undefined ? {} : { payload: body as string | object | Buffer }
      const answer = await app.inject({ method, url, headers, remoteAddress: from, ...payload })
      check(method, url, answer)
      return answer
    },
    close: async () => {
      await app.close()
      if (over === undefined) await projection.close()
    },
  }
}

function openSceneLedger({ readPolicy = 'public', judge }: ApiSceneOptions): MemoryLedger {
  return createMemoryLedger({
    genesis: memoryGenesis({ readPolicy }),
    genesisEvents: [storeShopEvent({ type: 'opened', account: 'acct_genesis', owner: 'city', about: 'x' })],
    ...(judge === undefined ? {} : { judge }),
  })
}

function openSceneProjection(ledger: MemoryLedger): Promise<Projection> {
  return openProjection({
    source: ledger,
    presentations: [shopWithRoutes],
    decodeEvent: decodeShopEvent,
    database: { kind: 'pglite', directory: 'memory://', run: 'inline' },
  })
}

export const gone = `did:weid:test:0x${'d'.repeat(40)}` as Did

type Jwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

function createReader(did: Did): Reader & { readonly key: Jwk } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    did,
    key: { kty: 'OKP', crv: 'Ed25519', x },
    token: (payload, header = {}) => {
      const protectedHeader = { alg: 'EdDSA', kid: `${did}#key-1`, typ: 'chengxin-read+jws', ...header }
      const input = [protectedHeader, payload]
        .map((part) => Buffer.from(canonicalize(part)).toString('base64url'))
        .join('.')
      return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
    },
  }
}

export function sha256Text(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64url')
}
