import { sha256, toBase64 } from '@chengxin/crypto'
import { concatBytes, isRefusal, toBase64url, toHex, toUtf8 } from '@chengxin/kernel'
import { createCertificateCity, present } from '@chengxin/testkit/certificate-city'
import { claims, holder, nowMs, scene, sceneOf } from '@chengxin/testkit/certificate-scene'
import { x509Of } from '@chengxin/testkit/group-authority'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auditFile } from '../audit-file.ts'
import { openBundle, type TrustBundle } from '../trust-bundle.ts'
import { fromBase41, toBase41 } from './base41.ts'
import { type KnownCertificates, noCertificates } from './known-certificates.ts'
import { numberBytes } from './numbers.ts'
import { foldRepeats, unfoldRepeats } from './repeats.ts'
import { sharedWords } from './shared-words.ts'
import { fromShortForm, isShortForm, toShortForm } from './short-form.ts'

const shorten = (text: string, known?: KnownCertificates) => toShortForm(sha256, text, known) as string
const lengthen = (text: string, known?: KnownCertificates) => fromShortForm(sha256, text, known)
const malformed = { refused: 'format_short_malformed' }

/** Everything that certificates are made of, in whatever order, and what they are never made of. */
const [bytes, words] = [fc.uint8Array({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 30 })]
const piece: fc.Arbitrary<string> = fc.oneof(
  bytes.map(toBase64url),
  bytes.map(toBase64),
  bytes.map(toHex),
  bytes.map((raw) => `did:weid:sample:0x${toHex(raw)}#key-1`),
  bytes.map((raw) => `https://city.example/v1/groups/${toBase64url(raw)}/status-lists/list_${toHex(raw)}`),
  words,
  fc.string({ maxLength: 20 }),
  fc.nat({ max: 2 ** 45 }).map(String),
  fc.json(),
  fc.constantFrom('\u0000', '\u0001', '\u0009', '\u000a', '"\\u0041"', '"\\n"', '0x', '=', '"', '\\', '-', '_', '/'),
)
const layered = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 9, withCrossShrink: true },
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
    tie('text').map((inner) => toBase64url(toUtf8(inner))),
    tie('text').map((inner) => toBase64(toUtf8(inner))),
    tie('text').map((inner) => JSON.stringify(inner)),
    fc.tuple(tie('text'), tie('text')).map(([one, other]) => `{"a":${one},"b":"${other}"}`),
  ),
})).text

describe('the long form comes back letter by letter', () => {
  test('of anything with a tilde', () => {
    const parts = fc.array(layered, { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(parts, (all) => {
        const text = all.join('~')
        expect(lengthen(shorten(text))).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test.each<[string, string]>([
    ['a good certificate', scene().text],
    ['shown by its holder', present(scene().text, holder, { aud: 'v', nonce: 'n', iat: 1 })],
    ['nothing but tildes', '~~~'],
    ['the marks of layers in it', `\u0000\u0001\u0008~${toBase64url(toUtf8('\u0001\u0009'))}~`],
    ['digits that are no number', '123456789012345678901~999999999999999999~'],
    ['a very long one', `${'A'.repeat(60_000)}~${'-/'.repeat(9_000)}~`],
    ['twelve layers', `${Array.from({ length: 12 }).reduce<string>((text) => toBase64url(toUtf8(text)), 'x')}~`],
  ])('%s', (_case, text) => {
    expect(lengthen(shorten(text))).toBe(text)
  })

  test.each(['no tilde', '', '\ud800~', `${'a'.repeat(256 * 1024)}~`])('none is made of %#', (text) => {
    expect(toShortForm(sha256, text)).toBeUndefined()
  })
})

describe('an issuer’s X.509 certificate is named by its hash', () => {
  const city = createCertificateCity()
  const x5c = [toBase64(x509Of(city.issuer.jwk))]
  const texts = city.issue([{ claims, statusIndex: 0, holder }], { header: { x5c } })
  const [plain, listed] = [city.bundlePayload(), city.bundlePayload()]
  const issuers = listed.issuers.map((issuer) => ({ ...issuer, certificates: x5c }))
  const open = async (payload: object) =>
    (await openBundle(sceneOf(city, texts, city.signBundle(payload)).bundle, {
      pins: { group: city.group },
    })) as TrustBundle
  const [text = ''] = texts

  test.each<[string, () => object]>([
    ['in the bundle’s list', () => ({ ...listed, issuers })],
    [
      'in a status list',
      () => ({
        ...plain,
        statusLists: plain.statusLists.map((list) => ({
          ...list,
          token: city.statusToken([], {}, city.issuer, { x5c }),
        })),
      }),
    ],
  ])('where it stands %s', async (_case, payload) => {
    const bundle = await open(payload())
    const short = shorten(text, bundle.knownCertificates)
    expect(shorten(text).length - short.length).toBeGreaterThan(300)
    expect(lengthen(short, bundle.knownCertificates)).toBe(text)
    const [ofShort, ofLong] = [await auditFile(short, { bundle, nowMs }), await auditFile(text, { bundle, nowMs })]
    expect(ofShort).toEqual(ofLong)
    expect(ofLong.verdict).toBe('valid')
  })

  test('and what the reader’s bundle does not have is asked for', async () => {
    const short = shorten(text, (await open({ ...listed, issuers })).knownCertificates)
    expect(lengthen(short)).toEqual({ refused: 'format_short_certificate_unknown' })
    const bundle = await open(plain)
    expect(await auditFile(short, { bundle, nowMs })).toMatchObject({
      verdict: 'undecided',
      nextStep: 'get_newer_bundle',
    })
    expect(await auditFile(short, { nowMs })).toMatchObject({ verdict: 'undecided', nextStep: 'get_bundle' })
  })

  test('spelled otherwise than headers spell it, it stays', async () => {
    const { knownCertificates } = await open({ ...listed, issuers })
    const unusual = `${toBase64url(x509Of(city.issuer.jwk))}~`
    expect(lengthen(shorten(unusual, knownCertificates), knownCertificates)).toBe(unusual)
  })
})

describe('what is no short form', () => {
  const good = scene()
  const short = shorten(good.text)

  test('one that was changed anywhere is refused, or is another text that the check judges', async () => {
    const bundle = (await openBundle(good.bundle, { pins: good.pins })) as TrustBundle
    const characters = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-./ :a')
    await fc.assert(
      fc.asyncProperty(fc.nat(short.length - 1), characters, fc.nat(3), async (at, put, removed) => {
        const changed = short.slice(0, at) + put + short.slice(at + removed)
        const { verdict } = await auditFile(changed, { bundle, nowMs })
        if (verdict === 'valid') expect(lengthen(changed)).toBe(good.text)
      }),
      { numRuns: 600 },
    )
  })

  test('any bytes are refused or are a text, and nothing is thrown', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.nat(12), { maxLength: 60 }).map((all) => Uint8Array.from(all)),
    )
    fc.assert(
      fc.property(body, (raw) => {
        const found = lengthen(`CX1:${toBase41(raw)}`)
        if (isRefusal(found))
          expect(['format_short_malformed', 'format_short_certificate_unknown']).toContain(found.refused)
        else expect(lengthen(shorten(found))).toBe(found)
      }),
      { numRuns: 3000 },
    )
  })

  test('a few bytes cannot ask for more than any certificate has', () => {
    // One long run, named again in each of very many places.
    const raws = concatBytes(numberBytes(2 * 900), new Uint8Array(900), new Uint8Array(4000).fill(1))
    const words = concatBytes(new Uint8Array(4001).fill(5), toUtf8('~~'))
    const bytes = concatBytes(numberBytes(1), numberBytes(raws.length), raws, foldRepeats(words, sharedWords))
    expect(bytes.length).toBeLessThan(5000)
    expect(lengthen(`CX1:${toBase41(bytes)}`)).toEqual(malformed)
  })

  test.each(['CX1:', 'CX1:0', 'CX1:zz', 'CX2:00', 'CX1:///', `CX1:${'0'.repeat(300_000)}`])('%#', (text) => {
    expect(lengthen(text)).toEqual(malformed)
  })

  test('the long form is none', () => {
    expect(isShortForm(good.text)).toBe(false)
  })
})

/** A printed certificate as offices issue it, every hash, key and signature by chance; of two of its fields. */
function likePaper(size: { withheld: number; logLevels: number; rootLevels: number; cosigners: number }): string {
  let seed = 0
  const chance = (count: number) =>
    Uint8Array.from({ length: count }, (_, at) => sha256(toUtf8(`${seed} ${at}`))[0] as number)
  const url = (count: number) => (seed++, toBase64url(chance(count)))
  const standard = (count: number) => (seed++, toBase64(chance(count)))
  const times = (count: number, make: () => string) => Array.from({ length: count }, make)
  const encode = (value: unknown) => toBase64url(toUtf8(typeof value === 'string' ? value : JSON.stringify(value)))
  const digest = (text: string) => toBase64url(sha256(toUtf8(text)))
  const [group, did, origin] = [
    url(32),
    `did:weid:macau:0x${toHex(chance(20))}`,
    'ledger.gov.example/groups/certificates',
  ]
  const args = { batchId: `batch_${toHex(chance(16))}`, count: 8192, root: url(32), typeId: 'type_graduation-v1' }
  const actions = [{ args, type: 'credentials.anchorBatch' }]
  const header = encode({ alg: 'ES256', kid: `${did}#key-1`, typ: 'chengxin-tx+jws' })
  const jws = `${header}.${encode({ actions, group, nonce: url(16), notAfter: 1795365061367, v: 1 })}.${url(64)}`
  const hashes = { eventsHash: url(32), writesHash: url(32) }
  const leaf = { code: 'ok', ...hashes, height: 812_345, jws, position: 3, timeMs: 1795364761375, v: 1 }
  const cosigned = times(size.cosigners, () => `— ${origin}/member_bureau_${seed} ${standard(76)}`)
  const receipt = [
    ...['c2sp.org/tlog-proof@v1', `extra ${toBase64(toUtf8(JSON.stringify(leaf)))}`, 'index 912345'],
    ...[...times(size.logLevels, () => standard(32)), '', origin, '1000000', standard(32), ''],
    ...[`— ${origin} ${standard(68)}`, ...cosigned, ''],
  ].join('\n')
  const claim = { batchSize: 8192, index: 4711, path: times(size.rootLevels, () => url(32)), receipt, salt: url(16) }
  const shown = [
    ['name_latin', 'CHEANG KA HOU'],
    ['degree_en', 'Doctor of Philosophy'],
    ['anchor', claim],
  ]
  const disclosures = shown.map(([name, value]) => encode([url(16), name, value]))
  const payload = {
    _sd: [...times(size.withheld, () => url(32)), ...disclosures.map(digest)].sort(),
    _sd_alg: 'sha-256',
    cnf: { jwk: { crv: 'P-256', kty: 'EC', x: url(32), y: url(32) } },
    ...{ exp: 1895305600, iat: 1795305600, iss: 'https://registry.university.example' },
    status: {
      status_list: {
        idx: 7782,
        uri: `https://ledger.gov.example/v1/groups/${group}/status-lists/list_${toHex(chance(16))}`,
      },
    },
    vct: `urn:chengxin:type:${group}:type_graduation-v1`,
    'vct#integrity': `sha256-${standard(32)}`,
  }
  const issuer = `${encode({ alg: 'ES256', kid: `${did}#key-1`, typ: 'dc+sd-jwt', x5c: [toBase64(der)] })}.${encode(payload)}.${url(64)}`
  const presented = `${[issuer, ...disclosures].join('~')}~`
  const word = {
    exp: 1798305600,
    iat: 1795305600,
    recipient: 'Direcção dos Serviços de Identificação',
    sd_hash: digest(presented),
  }
  return `${presented}${encode({ alg: 'ES256', typ: 'printed+jwt' })}.${encode(word)}.${url(64)}`
}

const der = x509Of(createCertificateCity().issuer.jwk)
const name = sha256(der).subarray(0, 8)
const listed: KnownCertificates = {
  nameOf: (other) => (toBase64(other) === toBase64(der) ? name : undefined),
  find: () => der,
}

test.each([
  [{ withheld: 12, logLevels: 5, rootLevels: 4, cosigners: 1 }, 2840, 'version 32'],
  [{ withheld: 4, logLevels: 20, rootLevels: 13, cosigners: 3 }, 3927, 'version 38'],
  [{ withheld: 12, logLevels: 20, rootLevels: 13, cosigners: 3 }, 4296, 'version 40'],
])('two fields of a certificate on paper are one code: %j in %i characters, %s', (size, most) => {
  const text = likePaper(size)
  const short = shorten(text, listed)
  expect(short).toMatch(/^CX1:[0-9A-Z*+./-]+$/)
  expect(lengthen(short, listed)).toBe(text)
  expect(short.length).toBeLessThanOrEqual(most)
  expect(shorten(text).length).toBeGreaterThan(short.length + 300)
})

test('base 41 has one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (raw) => {
      expect(fromBase41(toBase41(raw))).toEqual(raw)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'019AZ*/'), maxLength: 12 }), (text) => {
      const read = fromBase41(text)
      if (read) expect(toBase41(read)).toBe(text)
    }),
  )
})

test('repeats fold and unfold', () => {
  const parts = fc.array(fc.constantFrom('abcd', 'bcda', 'x', '{"alg":"ES256"', 'longer than any other part of it'), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(
      fc.oneof(
        parts.map((all) => toUtf8(all.join(''))),
        fc.uint8Array({ maxLength: 400 }),
      ),
      (raw) => {
        const folded = foldRepeats(raw, sharedWords)
        expect(unfoldRepeats(folded, sharedWords, raw.length)).toEqual(raw)
        if (raw.length > 0) expect(unfoldRepeats(folded, sharedWords, raw.length - 1)).toBeUndefined()
      },
    ),
  )
})

test('the format is what it was: these letters are on paper', () => {
  const text = `${toBase64url(toUtf8('{"alg":"ES256","kid":"did:weid:sample:0x27d55a3897e326369c3b501ce8f0fc4a9256c927#key-1"}'))}~`
  expect(shorten(text, noCertificates)).toMatchInlineSnapshot(`"CX1:00L64TWK68PEYOC8C/91E4GK*SSBEPD8*5-*FA57FV09D"`)
})
