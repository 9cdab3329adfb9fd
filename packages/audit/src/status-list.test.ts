import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { type PublicJwk, privateJwkFrom, signPortably } from '@chengxin/crypto'
import { expectOk, fromBase64url, isRefusal, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { describe, expect, test } from 'vitest'
import { webPlatform } from './platform.ts'
import { openStatusList, statusAt } from './status-list.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/audit/status-list.json', import.meta.url), 'utf8'),
) as {
  cases: { bits: number; size: number; lst: string; set: [number, number][] }[]
  token: string
}

const key = privateJwkFrom('ES256', new Uint8Array(32).fill(1))
const { d: _, ...publicKey } = key
const findKey = () => publicKey as PublicJwk

const part = (value: object) => toBase64url(toUtf8(JSON.stringify(value)))
function tokenOf(change: JsonObject, header: JsonObject = { alg: 'ES256', typ: 'statuslist+jwt', kid: 'k' }): string {
  const payload = { sub: 'https://u.example/1', iat: 1_800_000_000, status_list: { bits: 2, lst: 'eNo76fITAAPfAgc' } }
  const input = `${part(header)}.${part({ ...payload, ...change })}`
  return `${input}.${toBase64url(signPortably(key, toUtf8(input)))}`
}
const listOf = (bytes: Uint8Array, bits = 2) => ({ status_list: { bits, lst: toBase64url(bytes) } })

describe('vectors of the draft', () => {
  test.each(vectors.cases)('$bits bits', async ({ bits, size, lst, set }) => {
    const list = expectOk(await openStatusList(webPlatform, tokenOf({ status_list: { bits, lst } }), findKey))
    expect(list.bytes.length).toBe((size * bits) / 8)
    const expected = new Map(set)
    for (let index = 0; index < size; index++) {
      if (statusAt(list, index) !== (expected.get(index) ?? 0)) throw new Error(`status ${index}`)
    }
    expect(statusAt(list, size)).toBeUndefined()
  })

  test('the printed token of one bit reads as the printed statuses', async () => {
    const list = await openStatusList({ ...webPlatform, verify: () => true }, vectors.token, findKey)
    if (isRefusal(list)) throw new Error(list.refused)
    const statuses = Array.from({ length: 16 }, (_, index) => statusAt(list, index))
    expect(statuses).toEqual([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1])
    expect(list).toMatchObject({ uri: 'https://example.com/statuslists/1', keyId: '12', ttlMs: 43_200_000 })
    expect(statusAt(list, -1)).toBeUndefined()
    expect(statusAt(list, 0.5)).toBeUndefined()
  })
})

const zeros = deflateSync(new Uint8Array(100))
test.each<[string, string, string]>([
  ['no token', 'x', 'status_list_malformed'],
  ['another typ', tokenOf({}, { alg: 'ES256', typ: 'jwt' }), 'status_list_malformed'],
  ['no sub', tokenOf({ sub: 1 }), 'status_list_malformed'],
  ['no iat', tokenOf({ iat: '1' }), 'status_list_malformed'],
  ['exp as text', tokenOf({ exp: '1' }), 'status_list_malformed'],
  ['a ttl of nothing', tokenOf({ ttl: 0 }), 'status_list_malformed'],
  ['no list', tokenOf({ status_list: null }), 'status_list_malformed'],
  ['three bits', tokenOf(listOf(zeros, 3)), 'status_list_malformed'],
  ['list no base64url', tokenOf({ status_list: { bits: 2, lst: 'a+b=' } }), 'status_list_malformed'],
  ['list no zlib', tokenOf(listOf(new Uint8Array(20).fill(9))), 'status_list_malformed'],
  ['list cut short', tokenOf(listOf(zeros.subarray(0, -1))), 'status_list_malformed'],
  ['list with bytes behind it', tokenOf(listOf(Uint8Array.of(...zeros, 0))), 'status_list_malformed'],
  ['a gigabyte in a kilobyte', tokenOf(listOf(deflateSync(new Uint8Array(64 * 1024 * 1024)))), 'status_list_malformed'],
  ['another key', tokenOf({}, { alg: 'ES256', typ: 'statuslist+jwt', kid: 'other' }), 'status_list_key_unknown'],
  [
    'another algorithm',
    tokenOf({}, { alg: 'HS256', typ: 'statuslist+jwt', kid: 'k' }),
    'status_list_signature_invalid',
  ],
  ['a changed claim', changed(tokenOf({ ttl: 60 }), 'ttl'), 'status_list_signature_invalid'],
])('%s', async (_case, token, code) => {
  const find = (keyId: string) => (keyId === 'other' ? undefined : (publicKey as PublicJwk))
  expect(await openStatusList(webPlatform, token, find)).toEqual({ refused: code })
})

function changed(token: string, name: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const claims = JSON.parse(new TextDecoder().decode(fromBase64url(payload))) as Record<string, unknown>
  return `${header}.${part({ ...claims, [name]: 1 })}.${signature}`
}

test('@sd-jwt finds the statuses that we find', async () => {
  const token = tokenOf({ iat: 1_700_000_000 })
  const list = expectOk(await openStatusList(webPlatform, token, findKey))
  const statusOf = async (idx: number): Promise<number> => {
    let found = -1
    const theirs = new SDJwtVcInstance({
      hasher: () => new Uint8Array(32),
      hashAlg: 'sha-256',
      verifier: async () => true,
      statusVerifier: async () => true,
      statusListFetcher: async () => token,
      statusValidator: async (status) => {
        found = status
      },
    })
    const claims = { iss: 'https://u.example', vct: 'v', status: { status_list: { idx, uri: 'https://u.example/1' } } }
    const input = `${part({ alg: 'ES256', typ: 'dc+sd-jwt' })}.${part(claims)}`
    await theirs.verify(`${input}.${toBase64url(signPortably(key, toUtf8(input)))}~`)
    return found
  }
  for (let index = 0; index < 12; index++) expect(await statusOf(index)).toBe(statusAt(list, index))
})
