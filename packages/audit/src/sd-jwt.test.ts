import { readFileSync } from 'node:fs'
import { type PublicJwk, privateJwkFrom, sha256, signPortably } from '@chengxin/crypto'
import { canonicalize, isRefusal, type Json, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { describe, expect, test } from 'vitest'
import { verifyJwt } from './jwt.ts'
import { checkKeyBinding, holderKey } from './key-binding.ts'
import { webPlatform } from './platform.ts'
import { disclosureDigest, readSdJwt, type SdJwt } from './sd-jwt.ts'

interface Vector {
  case: string
  sdJwt: string
  processed?: JsonObject
  keyBinding?: { nonce: string; aud: string; iat: number; sd_hash: string }
}
const vectors = JSON.parse(readFileSync(new URL('../../../vectors/audit/rfc9901.json', import.meta.url), 'utf8')) as {
  issuerKey: PublicJwk
  cases: Vector[]
}

const issuer = privateJwkFrom('ES256', new Uint8Array(32).fill(1))
const holder = privateJwkFrom('ES256', new Uint8Array(32).fill(2))
const publicOf = ({ d: _, ...jwk }: typeof issuer): PublicJwk => jwk

function opened(text: string): SdJwt {
  const sdJwt = readSdJwt(sha256, text)
  if (isRefusal(sdJwt)) throw new Error(sdJwt.refused)
  return sdJwt
}

const part = (text: string) => toBase64url(toUtf8(text))
const jwtOf = (payload: unknown, header: object = { alg: 'ES256', typ: 'dc+sd-jwt' }, key = issuer) => {
  const input = `${part(JSON.stringify(header))}.${part(JSON.stringify(payload))}`
  return `${input}.${toBase64url(signPortably(key, toUtf8(input)))}`
}
const disclose = (...list: Json[]) => part(JSON.stringify(list))
const digest = (text: string) => disclosureDigest(sha256, text)

describe('RFC 9901, sections 5 and A', () => {
  test.each(vectors.cases)('$case', async ({ sdJwt: text, processed, keyBinding }) => {
    const sdJwt = opened(text)
    if (processed) expect(sdJwt.claims).toEqual(processed)
    expect(await verifyJwt(webPlatform, sdJwt.issuerJwt, vectors.issuerKey)).toBe('holds')
    expect(await verifyJwt(webPlatform, sdJwt.issuerJwt, publicOf(holder))).toBe('signature_invalid')
    if (!keyBinding || !sdJwt.keyBinding) return
    const { aud: audience, nonce, iat } = keyBinding
    const check = (nowMs: number, expected = { audience, nonce }) =>
      checkKeyBinding(webPlatform, sdJwt as never, holderKey(sdJwt.claims), nowMs, expected)
    expect(await check(iat * 1000 + 1000)).toBeUndefined()
    expect(await check(iat * 1000, { audience: 'https://other.example', nonce })).toEqual({
      refused: 'holder_audience_wrong',
    })
    expect(await check(iat * 1000, { audience, nonce: 'another' })).toEqual({ refused: 'holder_nonce_wrong' })
    expect(await check((iat + 301) * 1000)).toEqual({ refused: 'holder_proof_too_old' })
    expect(await check((iat - 61) * 1000)).toEqual({ refused: 'holder_proof_from_future' })
  })

  test('three spellings of one disclosure have three digests, and the printed one is right', () => {
    const text = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0'
    expect(digest(text)).toBe('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0')
    const spellings = [
      text,
      'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNXHUwMGY2Yml1cyJd',
      'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd',
      'WwoiXzI2YmM0TFQtYWM2cTJLSTZjQlc1ZXMiLAoiZmFtaWx5X25hbWUiLAoiTcO2Yml1cyIKXQ',
    ]
    for (const spelling of spellings) {
      const sdJwt = opened(`${jwtOf({ _sd: [digest(spelling)] })}~${spelling}~`)
      expect(sdJwt.claims).toEqual({ family_name: 'Möbius' })
    }
    expect(new Set(spellings.map(digest)).size).toBe(4)
  })
})

const name = disclose('salt', 'name', 'Lei')
const element = disclose('salt', 'Macau')
const inner = disclose('salt2', 'city', 'Macau')
const outer = disclose('salt', 'address', { _sd: [digest(inner)] })
const [header, payload, signature] = jwtOf({ _sd: [digest(name)] }).split('.') as [string, string, string]

describe('what the RFC says to reject', () => {
  test.each<[string, string, string]>([
    ['one character too long', `${'a'.repeat(256 * 1024)}~`, 'format_too_large'],
    ['five hundred and thirteen disclosures', `${jwtOf({})}~${`${name}~`.repeat(513)}`, 'format_too_large'],
    ['no tilde', jwtOf({}), 'format_unknown'],
    ['two parts', `${header}.${payload}~`, 'format_jwt_malformed'],
    ['a padded part', `${header}.${payload}.${signature}==~`, 'format_jwt_malformed'],
    ['payload no object', `${jwtOf([])}~`, 'format_jwt_malformed'],
    ['a name twice', `${header}.${part('{"vct":"a","vct":"b"}')}.${signature}~`, 'format_jwt_malformed'],
    ['crit in the header', `${jwtOf({}, { alg: 'ES256', crit: ['x'], x: 1 })}~`, 'format_jwt_malformed'],
    ['something behind the last tilde', `${jwtOf({})}~x`, 'format_jwt_malformed'],
    ['another hash', `${jwtOf({ _sd_alg: 'sha-512' })}~`, 'format_hash_not_supported'],
    ['hash no text', `${jwtOf({ _sd_alg: 1 })}~`, 'format_hash_not_supported'],
    ['an empty disclosure', `${jwtOf({ _sd: [digest(name)] })}~~${name}~`, 'format_disclosure_malformed'],
    ['disclosure no list', `${jwtOf({})}~${part('{}')}~`, 'format_disclosure_malformed'],
    ['disclosure that breaks out', `${jwtOf({})}~${part('["s","a",1],"x":[2]')}~`, 'format_disclosure_malformed'],
    ['four members', `${jwtOf({})}~${disclose('s', 'a', 1, 2)}~`, 'format_disclosure_malformed'],
    ['one member', `${jwtOf({})}~${disclose('s')}~`, 'format_disclosure_malformed'],
    ['salt no text', `${jwtOf({})}~${disclose(1, 'a', 1)}~`, 'format_disclosure_malformed'],
    ['name no text', `${jwtOf({})}~${disclose('s', 1, 1)}~`, 'format_disclosure_malformed'],
    ['the same disclosure twice', `${jwtOf({ _sd: [digest(name)] })}~${name}~${name}~`, 'format_disclosure_repeated'],
    ['_sd no list', `${jwtOf({ _sd: digest(name) })}~`, 'format_digest_misplaced'],
    ['_sd of numbers', `${jwtOf({ _sd: [1] })}~`, 'format_digest_misplaced'],
    ['dots in an object', `${jwtOf({ a: { '...': digest(element), b: 1 } })}~`, 'format_digest_misplaced'],
    ['dots beside a name', `${jwtOf({ a: [{ '...': digest(element), b: 1 }] })}~`, 'format_digest_misplaced'],
    ['_sd_alg deeper', `${jwtOf({ a: { _sd_alg: 'sha-256' } })}~`, 'format_digest_misplaced'],
    ['a digest twice', `${jwtOf({ _sd: [digest(name)], a: { _sd: [digest(name)] } })}~`, 'format_digest_repeated'],
    [
      'a digest again inside a disclosure',
      `${jwtOf({ _sd: [digest(outer), digest(inner)] })}~${outer}~`,
      'format_digest_repeated',
    ],
    ['an element among names', `${jwtOf({ _sd: [digest(element)] })}~${element}~`, 'format_disclosure_malformed'],
    ['a name among elements', `${jwtOf({ a: [{ '...': digest(name) }] })}~${name}~`, 'format_disclosure_malformed'],
    ...['_sd', '...', '_sd_alg'].map((reserved): [string, string, string] => {
      const text = disclose('s', reserved, 1)
      return [`a claim called ${reserved}`, `${jwtOf({ _sd: [digest(text)] })}~${text}~`, 'format_claim_name_reserved']
    }),
    ['a claim that is there', `${jwtOf({ name: 'Chan', _sd: [digest(name)] })}~${name}~`, 'format_claim_exists'],
    [
      'a claim twice',
      (() => {
        const other = disclose('salt9', 'name', 'Chan')
        return `${jwtOf({ _sd: [digest(name), digest(other)] })}~${name}~${other}~`
      })(),
      'format_claim_exists',
    ],
    ['an unreferenced disclosure', `${jwtOf({ _sd: [] })}~${name}~`, 'format_disclosure_unreferenced'],
    [
      'an inner one without its outer',
      `${jwtOf({ _sd: [digest(outer)] })}~${inner}~`,
      'format_disclosure_unreferenced',
    ],
  ])('%s', (_case, text, code) => {
    expect(readSdJwt(sha256, text)).toEqual({ refused: code })
  })

  test('nesting beyond the bound, however it is wrapped', () => {
    const nest = (depth: number): Json => (depth === 0 ? 1 : depth % 2 ? [nest(depth - 1)] : { a: nest(depth - 1) })
    expect(readSdJwt(sha256, `${jwtOf({ a: nest(30) })}~`)).toEqual({ refused: 'format_too_deep' })
    const text = disclose('s', 'a', nest(30))
    expect(readSdJwt(sha256, `${jwtOf({ _sd: [digest(text)] })}~${text}~`)).toEqual({ refused: 'format_too_deep' })
  })
})

test('what is withheld stays out, nested claims and elements come in, and a claim may be called __proto__', () => {
  const odd = disclose('s', '__proto__', { admin: true })
  const payloadOf = {
    _sd: [digest(outer), digest(odd), 'decoy'],
    list: [{ '...': digest(element) }, { '...': 'decoy2' }, 7],
  }
  const all = opened(`${jwtOf(payloadOf)}~${outer}~${inner}~${odd}~${element}~`)
  expect(Object.getOwnPropertyDescriptor(all.claims, '__proto__')?.value).toEqual({ admin: true })
  expect(Object.getPrototypeOf(all.claims)).toBe(Object.prototype)
  expect(all.claims['address']).toEqual({ city: 'Macau' })
  expect(all.claims['list']).toEqual(['Macau', 7])
  expect(opened(`${jwtOf(payloadOf)}~${outer}~`).claims).toEqual({ address: {}, list: [7] })
})

test('a token cannot choose its algorithm', async () => {
  for (const alg of ['none', 'HS256', 'ES384', 'EdDSA', undefined]) {
    const sdJwt = opened(`${jwtOf({}, { ...(alg && { alg }) })}~`)
    expect(await verifyJwt(webPlatform, sdJwt.issuerJwt, publicOf(issuer))).toBe('algorithm_not_allowed')
  }
})

describe('key binding', () => {
  const nowMs = 1_800_000_000_000
  const base = `${jwtOf({ cnf: { jwk: publicOf(holder) } })}~`
  const claims = { iat: nowMs / 1000, aud: 'v', nonce: 'n', sd_hash: toBase64url(sha256(toUtf8(base))) }
  const proof = (change: object, typ = 'kb+jwt', key = holder) =>
    jwtOf({ ...claims, ...change }, { alg: 'ES256', typ }, key)

  test.each<[string, string, string | undefined]>([
    ['no key in the certificate', `${jwtOf({})}~${proof({})}`, 'holder_key_missing'],
    ['a private key in the certificate', `${jwtOf({ cnf: { jwk: holder } })}~${proof({})}`, 'holder_key_missing'],
    ['another type', base + proof({}, 'jwt'), 'holder_proof_malformed'],
    ['time as text', base + proof({ iat: '1' }), 'holder_proof_malformed'],
    ['two audiences', base + proof({ aud: ['v', 'w'] }), 'holder_proof_malformed'],
    [
      'another algorithm',
      base + jwtOf(claims, { alg: 'EdDSA', typ: 'kb+jwt' }, holder),
      'holder_algorithm_not_allowed',
    ],
    ['another key', base + proof({}, 'kb+jwt', issuer), 'holder_signature_invalid'],
    ['another presentation', base + proof({ sd_hash: claims.sd_hash.replace(/^./, 'x') }), 'holder_other_presentation'],
    ['all well', base + proof({}), undefined],
  ])('%s', async (_case, text, code) => {
    const sdJwt = opened(text)
    const refused = await checkKeyBinding(webPlatform, sdJwt as never, holderKey(sdJwt.claims), nowMs, {
      audience: 'v',
      nonce: 'n',
    })
    expect(refused).toEqual(code === undefined ? undefined : { refused: code })
  })

  test('members that other wallets add to the key do not hide it', () => {
    expect(holderKey({ cnf: { jwk: { ...publicOf(holder), use: 'sig', kid: '1' } } })).toEqual(publicOf(holder))
    expect(holderKey({ cnf: { jwk: { ...publicOf(holder), crv: 'P-384' } } })).toBeUndefined()
  })
})

describe('@sd-jwt, an implementation by others', () => {
  const signer = (key: typeof issuer) => (data: string) => toBase64url(signPortably(key, toUtf8(data)))
  const verifier = (key: typeof issuer) => async (data: string, text: string) => {
    const { fromBase64url } = await import('@chengxin/kernel')
    return webPlatform.verify(publicOf(key), toUtf8(data), fromBase64url(text) as Uint8Array)
  }
  const theirs = new SDJwtVcInstance({
    signer: async (data: string) => signer(issuer)(data),
    signAlg: 'ES256',
    verifier: verifier(issuer),
    kbSigner: async (data: string) => signer(holder)(data),
    kbSignAlg: 'ES256',
    kbVerifier: async (data: string, text: string) => verifier(holder)(data, text),
    hasher: (data: string | ArrayBuffer) => sha256(typeof data === 'string' ? toUtf8(data) : new Uint8Array(data)),
    hashAlg: 'sha-256',
    saltGenerator: (length: number) => 'x'.repeat(length) + Math.random().toString(36),
  })

  test('what they issue and present, we read', async () => {
    const issued = await theirs.issue(
      {
        iss: 'https://university.example',
        vct: 'https://university.example/degree',
        iat: 1_800_000_000,
        cnf: { jwk: publicOf(holder) },
        name: '李思穎',
        degree: { code: 'BA', honours: null },
        languages: ['zh', 'pt'],
      },
      { _sd: ['name', 'degree'], degree: { _sd: ['code'] }, languages: { _sd: [0, 1] } } as never,
    )
    expect(opened(issued).claims).toMatchObject({ name: '李思穎', degree: { code: 'BA', honours: null } })
    const presented = await theirs.present(
      issued,
      { degree: { code: true }, languages: { 1: true } },
      {
        kb: { payload: { iat: 1_800_000_000, aud: 'v', nonce: 'n' } },
      },
    )
    const sdJwt = opened(presented)
    expect(sdJwt.claims).toMatchObject({ degree: { code: 'BA' }, languages: ['pt'] })
    expect(sdJwt.claims).not.toHaveProperty('name')
    expect(await verifyJwt(webPlatform, sdJwt.issuerJwt, publicOf(issuer))).toBe('holds')
    const expected = { audience: 'v', nonce: 'n' }
    const refused = await checkKeyBinding(
      webPlatform,
      sdJwt as never,
      holderKey(sdJwt.claims),
      1_800_000_000_000,
      expected,
    )
    expect(refused).toBeUndefined()
  })

  test('what we spell, they read', async () => {
    const text = `${jwtOf({ iss: 'https://u.example', vct: 'v', _sd_alg: 'sha-256', _sd: [digest(name)] })}~${name}~`
    const { payload: read } = await theirs.verify(text)
    expect(canonicalize(read)).toBe(canonicalize({ iss: 'https://u.example', vct: 'v', name: 'Lei' }))
  })
})
