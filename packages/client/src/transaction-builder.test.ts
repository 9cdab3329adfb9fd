import { parseTransactionJws, sha256, transactionId, verifySignature } from '@chengxin/crypto'
import { type Did, expectOk, type GroupId, limits, parseCanonical } from '@chengxin/kernel'
import { defineTransaction, payloadSchema, s } from '@chengxin/module-kit'
import { expect, test } from 'vitest'
import { sampleActor, sampleNames } from './sample-city.ts'
import { ActionFault, action, buildTransaction, transactionIdOf } from './transaction-builder.ts'

const group = 'a'.repeat(42).concat('A') as GroupId
const pay = defineTransaction('points.transfer', { to: s.did(), amount: s.positiveAmount() })
const { did: to } = sampleActor('resident-chan')

test.each(sampleNames)('%s: what is built is what a ledger admits', async (name) => {
  const { signer, jwk } = sampleActor(name)
  const { jws, id } = await buildTransaction({ group, actions: [action(pay, { to, amount: 2n ** 60n })] }, signer)
  const parsed = expectOk(parseTransactionJws(jws))
  expect(parsed.header).toEqual({ alg: signer.alg, kid: `${signer.did}#key-1`, typ: 'chengxin-tx+jws' })
  expect(await verifySignature(jwk, parsed.signingInput, parsed.signature)).toBe(true)
  expect(id).toBe(transactionId(sha256, parsed.signingInput))
  expect(transactionIdOf(jws)).toBe(id)
  const payload = parseCanonical(parsed.payloadText, { depth: limits.payloadDepth })
  const decoded = payloadSchema.decode(payload as never)
  expect(decoded).toMatchObject({ group, actions: [{ type: 'points.transfer', args: { to, amount: `${2n ** 60n}` } }] })
})

test('the same request gives the same transaction, and without a nonce another', async () => {
  const { signer } = sampleActor('resident-chan')
  const request = { group, actions: [action(pay, { to, amount: 1n })], notAfterMs: 1_000 }
  const [first, second] = [
    await buildTransaction({ ...request, nonce: 'abcdefgh' }, signer),
    await buildTransaction({ ...request, nonce: 'abcdefgh' }, signer),
  ]
  expect(second).toEqual(first)
  expect((await buildTransaction(request, signer)).id).not.toBe((await buildTransaction(request, signer)).id)
})

test('an argument out of its bounds is named', () => {
  const fault = (args: unknown) => {
    try {
      action(pay, args as never)
      return undefined
    } catch (error) {
      return error instanceof ActionFault ? error.fault.at : error
    }
  }
  expect(fault({ to, amount: 1n })).toBeUndefined()
  expect(fault({ to, amount: 0n })).toBe('/amount')
  expect(fault({ to: 'did:other' as Did, amount: 1n })).toBe('/to')
  expect(fault({ to, amount: 1n, memo: 'text' })).toBe('/memo')
})

test('a principal stands in the action of a delegate', () => {
  const { did } = sampleActor('resident-silva')
  expect(action(pay, { to, amount: 1n }, { for: did })).toMatchObject({ for: did })
})

test('too many actions, or too many bytes, never leave the client', async () => {
  const { signer } = sampleActor('resident-chan')
  const one = action(pay, { to, amount: 1n })
  await expect(buildTransaction({ group, actions: [] }, signer)).rejects.toThrow('1 to 64')
  await expect(buildTransaction({ group, actions: Array(65).fill(one) }, signer)).rejects.toThrow('1 to 64')
  const large = action(defineTransaction('test.large', { data: s.bytes(48_000) }), { data: 'A'.repeat(50_000) })
  await expect(buildTransaction({ group, actions: [large] }, signer)).rejects.toThrow('at most 49152 bytes')
})
