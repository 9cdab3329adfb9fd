import type { Did, TransactionId } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Admitted } from '../admission/admitted.ts'
import { BatchReader, BatchWriter } from './admitted-batch.ts'

const letters = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.'), maxLength: 60 })

const admitted: fc.Arbitrary<Admitted> = fc.record({
  id: fc
    .string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: 43, maxLength: 43 })
    .map((text) => text as TransactionId),
  nonceKey: letters,
  jws: letters,
  // What waits is judged by its schema later, so it may hold any text.
  actionsText: fc.string({ unit: 'binary', maxLength: 60 }).map((text) => JSON.stringify([text])),
  notAfter: fc.nat(Number.MAX_SAFE_INTEGER),
  signer: fc.constantFrom('did:one', 'did:two', 'did:three').map((did) => did as Did),
  keyId: fc.constantFrom('key-1', 'key-2'),
  keyName: fc.constantFrom('x', 'y'),
})

const fieldsOf = ({ id, nonceKey, jws, actionsText, notAfter, signer, keyId, keyName }: Admitted): Admitted => {
  return { id, nonceKey, jws, actionsText, notAfter, signer, keyId, keyName }
}

test('what is written into batches comes out of them, each with its ticket', () => {
  const batches = fc.array(fc.array(fc.tuple(fc.nat(), admitted), { maxLength: 20 }), { maxLength: 6 })
  fc.assert(
    fc.property(batches, (written) => {
      const writer = new BatchWriter()
      const reader = new BatchReader()
      for (const [number, transactions] of written.entries()) {
        for (const [ticket, transaction] of transactions) writer.add(ticket, transaction)
        const batch = structuredClone(writer.take(number))
        const read = reader.open(batch)
        expect(batch.batch).toBe(number)
        expect(read.map(([ticket, transaction]) => [ticket, fieldsOf(transaction)])).toEqual(transactions)
        for (const [, transaction] of read) {
          const text = Buffer.alloc(transaction.length ?? 0)
          transaction.writeTo?.(text, 0)
          expect(text.toString('latin1')).toBe(transaction.jws)
        }
      }
    }),
  )
})

test('a batch outgrows the memory of the writer, and keys are counted anew when many have been told', () => {
  const writer = new BatchWriter(3)
  const reader = new BatchReader()
  const restarts: boolean[] = []
  for (let number = 0; number < 8; number++) {
    const transactions = Array.from({ length: 300 }, (_, index): Admitted => {
      const signer = `did:${number}:${index % 2}` as Did
      const id = String(index).padStart(43, '0') as TransactionId
      const jws = 'x'.repeat(4_000 + index)
      return {
        id,
        nonceKey: `${signer} n`,
        jws,
        actionsText: '[]',
        notAfter: index,
        signer,
        keyId: 'key-1',
        keyName: 'k',
      }
    })
    for (const [index, transaction] of transactions.entries()) writer.add(index, transaction)
    const batch = writer.take(number)
    restarts.push(batch.restart)
    expect(reader.open(batch).map(([, transaction]) => fieldsOf(transaction))).toEqual(transactions)
  }
  expect(restarts).toEqual([false, false, true, false, true, false, true, false])
})
