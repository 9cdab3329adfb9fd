import { privateJwkFrom } from '@chengxin/crypto'
import { createSigner, createVerifier, sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'
import { BinaryWriter } from 'cosmjs-types/binary'
import { describe, expect, test } from 'vitest'
import { provenHeader } from './engine-commit.ts'

const { verify } = createVerifier()
const chainId = 'the group'
const hash = Buffer.from(sha256(toUtf8('a header')))
  .toString('hex')
  .toUpperCase()
const parts = Buffer.from(sha256(toUtf8('its parts')))
  .toString('hex')
  .toUpperCase()
const validators = ['a', 'b', 'c', 'd'].map((name) => createSigner(privateJwkFrom('EdDSA', sha256(toUtf8(name)))))
const keys = validators.map(({ jwk }) => jwk.x)
const policy = { chainId, height: 12, validators: keys, verify }

interface Voted {
  readonly by: (typeof validators)[number]
  readonly round?: number
  readonly height?: number
  readonly chain?: string
  readonly header?: string
  readonly flag?: number
  readonly timestamp?: string
}

/** A vote as CometBFT signs it, its bytes made by another implementation of its protobuf. */
function vote({ by, round = 0, height = 12, chain = chainId, header = hash, ...shown }: Voted) {
  const { flag = 2, timestamp = '2026-11-22T08:00:01.000000250Z' } = shown
  const tag = (field: number, wire: number) => field * 8 + wire
  const bytes = new BinaryWriter().uint32(tag(1, 0)).int32(2).uint32(tag(2, 1)).sfixed64(height)
  if (round > 0) bytes.uint32(tag(3, 1)).sfixed64(round)
  const block = bytes.uint32(tag(4, 2)).fork().uint32(tag(1, 2)).bytes(Buffer.from(header, 'hex'))
  block.uint32(tag(2, 2)).fork().uint32(tag(1, 0)).uint32(1).uint32(tag(2, 2)).bytes(Buffer.from(parts, 'hex')).ldelim()
  block.ldelim()
  const seconds = Date.parse('2026-11-22T08:00:01Z') / 1000
  bytes.uint32(tag(5, 2)).fork().uint32(tag(1, 0)).int64(seconds).uint32(tag(2, 0)).int32(250).ldelim()
  const unsigned = bytes.uint32(tag(6, 2)).string(chain).finish()
  const signature = Buffer.from(by.sign(Buffer.concat([Buffer.from([unsigned.length]), unsigned]))).toString('base64')
  return { block_id_flag: flag, validator_address: '', timestamp, signature }
}

function answer(signatures: readonly object[], change: object = {}): unknown {
  const commit = { height: '12', round: 0, block_id: { hash, parts: { total: 1, hash: parts } }, signatures, ...change }
  return { signed_header: { header: {}, commit } }
}

const [a, b, c, d] = validators as [Voted['by'], Voted['by'], Voted['by'], Voted['by']]

describe('a header', () => {
  test('is proven by more than two thirds of the validators that are known', () => {
    expect(provenHeader(answer([a, b, c].map((by) => vote({ by }))), policy)).toBe(hash)
    expect(
      provenHeader(
        answer(
          [a, b, c, d].map((by) => vote({ by, round: 3 })),
          { round: 3 },
        ),
        policy,
      ),
    ).toBe(hash)
  })

  test.each<[string, readonly object[], object?]>([
    ['two of four', [a, b].map((by) => vote({ by }))],
    ['one of them twice', [a, b, b].map((by) => vote({ by }))],
    ['votes for nothing', [vote({ by: a }), vote({ by: b }), vote({ by: c, flag: 3 })]],
    ['votes for another header', [vote({ by: a }), vote({ by: b }), vote({ by: c, header: parts })]],
    ['votes at another height', [vote({ by: a }), vote({ by: b }), vote({ by: c, height: 13 })]],
    ['votes of another chain', [vote({ by: a }), vote({ by: b }), vote({ by: c, chain: 'other' })]],
    ['a time that is not the signed one', [a, b, c].map((by) => vote({ by, timestamp: '2026-11-22T08:00:01Z' }))],
    ['a time that is none', [a, b, c].map((by) => vote({ by, timestamp: 'today' }))],
    ['another height than was asked for', [a, b, c].map((by) => vote({ by })), { height: '13' }],
    ['no hash', [a, b, c].map((by) => vote({ by })), { block_id: null }],
    ['signatures that are none', [{}, { block_id_flag: 2, timestamp: 1, signature: 2 }]],
  ])('is not proven by %s', (_case, signatures, change) => {
    expect(provenHeader(answer(signatures, change), policy)).toBeUndefined()
  })

  test.each<[string, readonly Voted['by'][], boolean]>([
    ['by two of three others and oneself', [a, b, d], true],
    ['by all others', [a, b, c], true],
    ['not by two others alone', [a, b], false],
    ['not by one other and oneself', [a, d], false],
    ['not by oneself twice and one other', [a, d, d], false],
  ])('that a member comes back to, which knows three others, is proven %s', (_case, by, isProven) => {
    const back = { ...policy, validators: keys.slice(0, 3), own: d.jwk.x }
    expect(provenHeader(answer(by.map((one) => vote({ by: one }))), back)).toBe(isProven ? hash : undefined)
  })

  test('is proven by three of four to a newcomer that has never voted', () => {
    const fifth = createSigner(privateJwkFrom('EdDSA', sha256(toUtf8('e'))))
    expect(provenHeader(answer([a, b, c].map((by) => vote({ by }))), { ...policy, own: fifth.jwk.x })).toBe(hash)
  })

  test('is not proven by what is no answer', () => {
    for (const nothing of [
      undefined,
      null,
      1,
      'a',
      [],
      {},
      { signed_header: null },
      { signed_header: { commit: [] } },
    ]) {
      expect(provenHeader(nothing, policy)).toBeUndefined()
    }
  })
})
