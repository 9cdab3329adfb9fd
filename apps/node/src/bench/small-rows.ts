/** Rows about single acts: anchoring a batch of certificates, and checking receipts as an auditor does. */
import { openReceipt, type Platform } from '@chengxin/audit'
import { type Ed25519PublicJwk, parseVkey, sha256 as portableSha256 } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import { cosignerVkey, logVkey } from '@chengxin/ledger'
import { sampleNodeMember } from '../sample-city/genesis.ts'
import type { BenchGroup } from './bench-group.ts'
import { driveFull } from './drive.ts'
import { type BenchRow, percentiles } from './row.ts'
import { signAnchors } from './workload.ts'

/** Each anchor is one P-256 signature of the university over the root of a thousand certificates. */
export async function benchAnchor({ group, submit }: BenchGroup, transactions: number): Promise<BenchRow> {
  const load = { batch: 64, lanes: 8 }
  const driven = await driveFull(submit, await signAnchors(group, transactions), load)
  return {
    name: 'anchor',
    ...driven,
    how: `${transactions} batch roots of 1,000 certificates each, ES256, ${load.lanes} × ${load.batch} at once, flushed`,
    facts: { certificatesPerSecond: Math.round(driven.perSecond * 1000) },
  }
}

/** Receipts checked one by one and whole: checkpoint signature, cosignature, inclusion, leaf. */
export function benchReceipts(city: BenchGroup, ids: readonly string[], checks: number): BenchRow {
  const { genesis } = city.ledger()
  const member = genesis.members.find(({ memberId }) => memberId === sampleNodeMember)
  if (member === undefined) throw new Error('The benchmark’s genesis has no member for this node.')
  const policy = {
    origin: genesis.origin,
    logKeys: [keyOf(logVkey(genesis.origin, member.logKey as Ed25519PublicJwk))],
    cosignerKeys: [keyOf(cosignerVkey(genesis.origin, member.memberId, member.cosignerKey as Ed25519PublicJwk))],
    logThreshold: 1,
    cosignerThreshold: 1,
  }
  const { verify } = createVerifier()
  const platform: Platform = { sha256, verify, verifyAtOnce: verify }
  const tree = { size: city.ledger().head().size, note: city.ledger().checkpoint() }
  const receipts = ids.map((id) => city.ledger().receipt(id as never, tree) as string)
  const samples: number[] = []
  const started = performance.now()
  for (let index = 0; index < checks; index++) {
    const from = performance.now()
    const opened = openReceipt(platform, receipts[index % receipts.length] as string, policy)
    if (isRefusal(opened)) throw new Error(`A good receipt was refused: ${opened.refused}`)
    samples.push(performance.now() - from)
  }
  const seconds = (performance.now() - started) / 1000
  return {
    name: 'receipts.check',
    perSecond: checks / seconds,
    ...percentiles(samples),
    how: 'one thread, each receipt whole: checkpoint, cosignature, inclusion, leaf; native signatures and hashes',
    facts: { receiptBytes: receipts[0]?.length ?? 0, leaves: city.ledger().head().size },
  }
}

function keyOf(vkey: string) {
  const key = parseVkey(portableSha256, vkey)
  if (isRefusal(key)) throw new Error(`Our own verifier key is refused: ${key.refused}`)
  return key
}
