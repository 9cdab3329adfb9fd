import { disclosureDigest, readSdJwt } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto/node'
import { expectOk, isRefusal, type Json, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { selectClaims } from './claim-path.ts'
import { disclosuresFor } from './disclose.ts'
import { chosenQueries, matchCredential, refuseUnsatisfied } from './match.ts'
import { type ClaimPath, parseDcql, parseForeignDcql } from './query.ts'

const one = { id: 'one', format: 'dc+sd-jwt', meta: { vct_values: ['urn:a'] } }
const withClaims = (claims: Json, more: JsonObject = {}) => ({ credentials: [{ ...one, claims, ...more }] })
const name = { id: 'n', path: ['name'] }

describe('reading a query', () => {
  test('members that the standard does not name are left aside', () => {
    expect(parseDcql({ credentials: [{ ...one, colour: 'red' }], colour: 'red' })).toEqual({
      credentials: [
        {
          id: 'one',
          format: 'dc+sd-jwt',
          multiple: false,
          vctValues: ['urn:a'],
          needsHolderBinding: true,
          hasTrustedAuthorities: false,
        },
      ],
    })
  })

  test.each<[string, Json, string]>([
    ['no object', [], 'dcql_malformed'],
    ['no credentials', { credentials: [] }, 'dcql_malformed'],
    ['an id with a space', { credentials: [{ ...one, id: 'a b' }] }, 'dcql_malformed'],
    ['an empty id', { credentials: [{ ...one, id: '' }] }, 'dcql_malformed'],
    ['no format', { credentials: [{ id: 'one', meta: {} }] }, 'dcql_malformed'],
    ['no meta', { credentials: [{ id: 'one', format: 'dc+sd-jwt' }] }, 'dcql_malformed'],
    ['no types', { credentials: [{ ...one, meta: {} }] }, 'dcql_malformed'],
    ['types that are one text', { credentials: [{ ...one, meta: { vct_values: 'urn:a' } }] }, 'dcql_malformed'],
    ['multiple as a text', { credentials: [{ ...one, multiple: 'true' }] }, 'dcql_malformed'],
    [
      'authorities without values',
      { credentials: [{ ...one, trusted_authorities: [{ type: 'aki' }] }] },
      'dcql_malformed',
    ],
    ['the same id twice', { credentials: [one, one] }, 'dcql_id_repeated'],
    ['no claims in a list of claims', withClaims([]), 'dcql_malformed'],
    ['a claim id twice', withClaims([name, { id: 'n', path: ['other'] }]), 'dcql_id_repeated'],
    ['the same path twice', withClaims([name, { id: 'm', path: ['name'] }]), 'dcql_claim_repeated'],
    ['no path', withClaims([{ id: 'n' }]), 'dcql_path_malformed'],
    ['an empty path', withClaims([{ path: [] }]), 'dcql_path_malformed'],
    ['a path from a list', withClaims([{ path: [0] }]), 'dcql_path_malformed'],
    ['a negative place', withClaims([{ path: ['a', -1] }]), 'dcql_path_malformed'],
    ['half a place', withClaims([{ path: ['a', 0.5] }]), 'dcql_path_malformed'],
    ['a path as a text', withClaims([{ path: 'name' }]), 'dcql_path_malformed'],
    ['no values in a list of values', withClaims([{ ...name, values: [] }]), 'dcql_malformed'],
    ['a value that is an object', withClaims([{ ...name, values: [{}] }]), 'dcql_malformed'],
    ['sets without claims', { credentials: [{ ...one, claim_sets: [['n']] }] }, 'dcql_malformed'],
    ['sets of claims without ids', withClaims([{ path: ['name'] }], { claim_sets: [['n']] }), 'dcql_claim_id_missing'],
    ['a set of an unknown claim', withClaims([name], { claim_sets: [['m']] }), 'dcql_id_unknown'],
    ['a set with a claim twice', withClaims([name], { claim_sets: [['n', 'n']] }), 'dcql_id_repeated'],
    [
      'an option of unknown queries',
      { credentials: [one], credential_sets: [{ options: [['two']] }] },
      'dcql_id_unknown',
    ],
    ['a set without options', { credentials: [one], credential_sets: [{ options: [] }] }, 'dcql_malformed'],
    [
      'required as a number',
      { credentials: [one], credential_sets: [{ options: [['one']], required: 1 }] },
      'dcql_malformed',
    ],
  ])('%s', (_case, query, code) => {
    expect(parseDcql(query)).toEqual({ refused: code })
  })

  test('a wallet takes no offence at a claim that is asked for twice', () => {
    expect(parseForeignDcql(withClaims([name, { id: 'm', path: ['name'] }]))).toMatchObject({
      credentials: [{ id: 'one' }],
    })
    expect(parseForeignDcql({})).toEqual({ refused: 'dcql_malformed' })
  })

  test('whatever is handed in, it is read or refused with one of its codes', () => {
    const codes = [
      'dcql_malformed',
      'dcql_id_repeated',
      'dcql_id_unknown',
      'dcql_path_malformed',
      'dcql_claim_repeated',
      'dcql_claim_id_missing',
    ]
    const whole = withClaims([name, { id: 'm', path: ['a', null, 'b'] }], {
      claim_sets: [['n'], ['m']],
      multiple: true,
    })
    const full = { ...whole, credential_sets: [{ options: [['one']], required: false }] }
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), (at, value) => {
        const read = parseDcql(changedAt(full, at, value as Json))
        if (isRefusal(read)) expect(codes).toContain(read.refused)
        else expect(read.credentials.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})

/** The value with its n-th part (counted in depth) put in the place of another. */
function changedAt(value: Json, at: number, put: Json): Json {
  let left = at % (partsOf(value) + 1)
  const walk = (part: Json): Json => {
    if (left-- === 0) return put
    if (Array.isArray(part)) return (part as readonly Json[]).map(walk)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]))
  }
  return walk(value)
}

function partsOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + partsOf(inner), 1)
}

// The claims and paths that OpenID4VP 1.0 section 7.3 explains its pointers with.
const arthur: JsonObject = {
  name: 'Arthur Dent',
  address: { street_address: '42 Market Street', locality: 'Milliways', postal_code: '12345' },
  degrees: [
    { type: 'Bachelor of Science', university: 'University of Betelgeuse' },
    { type: 'Master of Science', university: 'University of Betelgeuse' },
  ],
  nationalities: ['British', 'Betelgeusian'],
}

describe('paths', () => {
  test.each<[ClaimPath, readonly Json[] | undefined]>([
    [['name'], ['Arthur Dent']],
    [['address'], [arthur['address'] as Json]],
    [['address', 'street_address'], ['42 Market Street']],
    [
      ['degrees', null, 'type'],
      ['Bachelor of Science', 'Master of Science'],
    ],
    [['nationalities', 1], ['Betelgeusian']],
    [['nationalities', 2], undefined],
    [['nationalities', 'length'], undefined],
    [['name', 0], undefined],
    [['name', null], undefined],
    [['address', null], undefined],
    [['toString'], undefined],
    [['__proto__'], undefined],
  ])('%j', (path, selected) => {
    expect(selectClaims(arthur, path)).toEqual(selected)
  })
})

describe('matching', () => {
  const candidate = {
    format: 'dc+sd-jwt',
    vct: 'urn:a',
    claims: { ...arthur, age: 42, adult: true },
    isHolderBound: true,
  }
  const queryOf = (change: JsonObject) => {
    const [query] = expectOk(parseDcql({ credentials: [{ ...one, ...change }] })).credentials
    if (!query) throw new Error('The query has no part.')
    return query
  }

  test.each<[string, JsonObject, Partial<typeof candidate>, string | readonly ClaimPath[]]>([
    ['another format', {}, { format: 'mso_mdoc' }, 'dcql_format_other'],
    ['another type', {}, { vct: 'urn:b' }, 'dcql_type_other'],
    ['no holder', {}, { isHolderBound: false }, 'dcql_holder_binding_missing'],
    ['a claim that is not there', { claims: [{ path: ['iq'] }] }, {}, 'dcql_claims_missing'],
    ['a number asked as a text', { claims: [{ path: ['age'], values: ['42'] }] }, {}, 'dcql_claims_missing'],
    ['true asked as 1', { claims: [{ path: ['adult'], values: [1] }] }, {}, 'dcql_claims_missing'],
    ['no holder where none is needed', { require_cryptographic_holder_binding: false }, { isHolderBound: false }, []],
    ['no claims asked', {}, {}, []],
    ['a value among several', { claims: [{ path: ['age'], values: [41, 42] }] }, {}, [['age']]],
    [
      'one of a list',
      { claims: [{ path: ['nationalities', null], values: ['British'] }] },
      {},
      [['nationalities', null]],
    ],
  ])('%s', (_case, change, other, expected) => {
    const match = matchCredential(queryOf(change), { ...candidate, ...other })
    expect(isRefusal(match) ? match.refused : match.paths).toEqual(expected)
  })

  test('the first set that is whole is taken, and only its claims', () => {
    const claims = [
      { id: 'a', path: ['iq'] },
      { id: 'b', path: ['age'] },
      { id: 'c', path: ['name'] },
    ]
    const match = expectOk(matchCredential(queryOf({ claims, claim_sets: [['a'], ['c'], ['b', 'c']] }), candidate))
    expect(match.paths).toEqual([['name']])
    expect(matchCredential(queryOf({ claims, claim_sets: [['a'], ['a', 'c']] }), candidate)).toEqual({
      refused: 'dcql_claims_missing',
    })
  })

  test('authorities that are named are not judged, and that is said', () => {
    const trusted = { trusted_authorities: [{ type: 'aki', values: ['x'] }] }
    expect(matchCredential(queryOf(trusted), candidate)).toMatchObject({ authority: 'unknown' })
  })

  test('of sets, required ones need an option, the first that is possible; optional ones are not shown unasked', () => {
    const credentials = ['a', 'b', 'c'].map((id) => ({ ...one, id }))
    const sets = [{ options: [['a', 'b'], ['c']] }, { options: [['b']], required: false }]
    const query = expectOk(parseDcql({ credentials, credential_sets: sets }))
    expect(chosenQueries(query, new Set(['a', 'b', 'c']))).toEqual(new Set(['a', 'b']))
    expect(chosenQueries(query, new Set(['b', 'c']))).toEqual(new Set(['c']))
    expect(chosenQueries(query, new Set(['b']))).toEqual({ refused: 'dcql_not_satisfied' })
    // Optional ones that were shown all the same are no fault.
    expect(refuseUnsatisfied(query, new Set(['b', 'c']))).toBeUndefined()
    const all = expectOk(parseDcql({ credentials }))
    expect(refuseUnsatisfied(all, new Set(['a', 'b']))).toEqual({ refused: 'dcql_not_satisfied' })
  })
})

/** An SD-JWT in which every member of every object, and every element of every list, can be withheld by itself. */
function sdJwtOf(claims: JsonObject): string {
  const disclosures: string[] = []
  let salts = 0
  const hide = (parts: readonly Json[]): string => {
    const text = toBase64url(toUtf8(JSON.stringify([`salt ${++salts}`, ...parts])))
    disclosures.push(text)
    return disclosureDigest(sha256, text)
  }
  const hidden = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map((element) => ({ '...': hide([hidden(element)]) }))
    if (typeof value !== 'object' || value === null) return value
    return { _sd: Object.entries(value).map(([key, inner]) => hide([key, hidden(inner)])) }
  }
  const encode = (object: Json) => toBase64url(toUtf8(JSON.stringify(object)))
  const payload = hidden(claims)
  return `${[`${encode({ alg: 'ES256' })}.${encode(payload)}.AAAA`, ...disclosures].join('~')}~`
}

function shown(text: string, paths: readonly ClaimPath[]): { claims: JsonObject; count: number } {
  const disclosures = disclosuresFor(expectOk(readSdJwt(sha256, text)), paths)
  const [jwt = ''] = text.split('~')
  const presented = [jwt, ...disclosures.map((disclosure) => disclosure.text), ''].join('~')
  return { claims: expectOk(readSdJwt(sha256, presented)).claims, count: disclosures.length }
}

describe('disclosing', () => {
  const text = sdJwtOf(arthur)

  test.each<[readonly ClaimPath[], JsonObject, number]>([
    [[], {}, 0],
    [[['name']], { name: 'Arthur Dent' }, 1],
    [[['address', 'locality']], { address: { locality: 'Milliways' } }, 2],
    [[['address']], { address: arthur['address'] as Json }, 4],
    [[['nationalities', 1]], { nationalities: ['Betelgeusian'] }, 2],
    [[['degrees', null, 'type']], { degrees: [{ type: 'Bachelor of Science' }, { type: 'Master of Science' }] }, 5],
    [[['name'], ['nothing']], { name: 'Arthur Dent' }, 1],
    [[['address', 'planet']], {}, 0],
    [[['degrees', null, 'grade']], {}, 0],
  ])('%j', (paths, claims, count) => {
    expect(shown(text, paths)).toEqual({ claims, count })
  })

  test('whatever is asked for is shown with its values, and nothing that could have been left out', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean())
    const key = fc.constantFrom('a', 'b', 'c')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
      ),
    }))
    const step = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.nat(2), fc.constant(null))
    const path = fc.tuple(key, fc.array(step, { maxLength: 3 })).map(([first, rest]) => [first, ...rest])
    fc.assert(
      fc.property(fc.dictionary(key, tree), path, (claims, asked) => {
        const held = JSON.parse(JSON.stringify(claims)) as JsonObject
        const selected = selectClaims(held, asked)
        fc.pre(selected !== undefined)
        const whole = sdJwtOf(held)
        const disclosures = disclosuresFor(expectOk(readSdJwt(sha256, whole)), [asked])
        // Without lists no place moves, so the same path finds the same values; and each disclosure is needed for them.
        const moves = asked.some((part) => typeof part === 'number' && part > 0)
        if (!moves) expect(selectClaims(shown(whole, [asked]).claims, asked)).toEqual(selected)
        const [jwt = ''] = whole.split('~')
        for (const left of disclosures) {
          const rest = disclosures.filter((disclosure) => disclosure !== left).map((disclosure) => disclosure.text)
          const read = readSdJwt(sha256, [jwt, ...rest, ''].join('~'))
          const without = isRefusal(read) ? undefined : selectClaims(read.claims, asked)
          expect(JSON.stringify(without)).not.toBe(JSON.stringify(selected))
        }
      }),
      { numRuns: 500 },
    )
  })
})
