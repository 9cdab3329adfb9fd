/** Receipts by themselves, in both envelopes: what they prove, and that a quorum must stand behind them. */
import { toUtf8 } from '@chengxin/kernel'
import { scene } from '@chengxin/testkit/certificate-scene'
import { expect, test } from 'vitest'
import { webPlatform } from './platform.ts'
import { openCoseReceipt, openReceipt } from './receipt.ts'
import { openBundle, type TrustBundle } from './trust-bundle.ts'

const { city, bundle } = scene()
const { policy } = (await openBundle(bundle)) as TrustBundle
const { log } = city
const leafAt = (index: number) => openReceipt(webPlatform, log.receipt(index), policy)
const openCose = (receipt: Uint8Array) => openCoseReceipt(webPlatform, receipt, policy)

test('both envelopes say the same of every entry', () => {
  for (let index = 0; index < log.size; index++) {
    expect(openCose(log.coseReceipt(index))).toEqual(leafAt(index))
    expect(openCose(log.coseReceipt(index))).toMatchObject({ index, cosignatures: 3 })
  }
})

const carried = (change: object) => ({ checkpoint: log.checkpoint(), ...change })

test.each<[string, string, () => Uint8Array]>([
  ['nothing', 'receipt_malformed', () => new Uint8Array()],
  ['a receipt without its leaf', 'receipt_malformed', () => log.coseReceipt(5, {}, carried({}))],
  [
    'another leaf',
    'receipt_log_signature_invalid',
    () => log.coseReceipt(5, {}, carried({ leaf: toUtf8('another entry') })),
  ],
  [
    'too few cosignatures',
    'receipt_quorum_missing',
    () => log.coseReceipt(5, { cosigners: policy.cosignerThreshold - 1 }),
  ],
])('%s is refused with %s', (_case, code, make) => {
  expect(openCose(make())).toEqual({ refused: code })
})

test('the quorum must have signed the very tree that the receipt is of', () => {
  const entry = toUtf8('no leaf')
  const index = log.append(entry)
  const alone = log.coseReceipt(index, {}, { leaf: entry })
  expect(openCose(alone)).toEqual({ refused: 'receipt_quorum_missing' })
  const smaller = log.checkpoint({ size: index })
  expect(openCose(log.coseReceipt(index, {}, { leaf: entry, checkpoint: smaller }))).toEqual({
    refused: 'receipt_quorum_missing',
  })
  const forked = log.checkpoint({ root: new Uint8Array(32) })
  expect(openCose(log.coseReceipt(index, {}, { leaf: entry, checkpoint: forked }))).toEqual({
    refused: 'receipt_quorum_missing',
  })
  expect(openCose(log.coseReceipt(index))).toEqual({ refused: 'receipt_leaf_malformed' })
})
