/**
 * Evidence: that a credential stood at a time, and who said so. What is anchored is a salted commitment to its hash, a batch
 * of one, by the issuer's own key; logs and the salt stay here, because what a ledger has it keeps.
 */
import { randomBytes } from 'node:crypto'
import { action, credentials } from '@chengxin/client'
import { commit, createTreeHasher } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { fromBase64url, type Hash, isRefusal, type Json, refuse, toBase64url, toHex, toUtf8 } from '@chengxin/kernel'
import { findCpt, type KeptEvidence } from './book.ts'
import { hashOfPojo, parsePojo } from './pojo.ts'
import { send, type WeidCall, type WeidRefusal, type WeidResult, type WeidService } from './service.ts'

/** The root of a batch with one commitment in it. */
export function evidenceRoot({ hash, salt }: Pick<KeptEvidence, 'hash' | 'salt'>): Hash {
  const opening = { salt: fromBase64url(salt) as Uint8Array, value: toUtf8(hash) }
  const commitment = fromBase64url(commit(sha256, opening)) as Uint8Array
  return toBase64url(createTreeHasher(sha256).leaf(commitment)) as Hash
}

export interface WantedEvidence {
  readonly hash: string
  readonly cptId: number
  readonly logs: readonly string[]
  readonly isImported?: boolean
}

/** Anchors evidence of a hash, once; a further call only adds its log. */
export async function anchorEvidence(
  service: WeidService,
  { invoker }: Pick<WeidCall, 'invoker'>,
  { hash, cptId, logs, isImported = false }: WantedEvidence,
): Promise<KeptEvidence | WeidRefusal> {
  if (!invoker) return refuse('input_missing')
  const book = await service.book.read()
  const cpt = findCpt(book, cptId)
  if (!cpt) return refuse('cpt_not_found')
  const before = book.evidence[hash]
  if (before?.transactionId !== undefined) {
    if (before.signer !== invoker.did) return refuse('evidence_not_yours')
    const more = { ...before, logs: [...before.logs, ...logs] }
    await service.book.keepEvidence(more)
    return more
  }
  // Written down first: what opens an anchor must not be lost between sending it and hearing of it.
  const isBegun = before?.signer === invoker.did && before.cptId === cptId
  const wanted: KeptEvidence = isBegun ? before : newEvidence(invoker.did, { hash, cptId, logs, isImported })
  await service.book.keepEvidence(wanted)
  const args = { batchId: wanted.batchId, typeId: cpt.typeId, root: evidenceRoot(wanted), count: 1 }
  const outcome = await send(service, invoker, [action(credentials.anchorBatch, args)])
  // Sent before, and not heard of then: it is there, or it is somebody else's.
  const anchored = await findBatch(service, wanted)
  if (anchored?.root !== args.root) return isRefusal(outcome) ? outcome : refuse('evidence_missing')
  const kept = { ...wanted, transactionId: anchored.transactionId ?? '', timeMs: anchored.anchoredAtMs }
  await service.book.keepEvidence(kept)
  return kept
}

function newEvidence(signer: string, { isImported = false, ...wanted }: WantedEvidence): KeptEvidence {
  const name = toHex(sha256(toUtf8(`${wanted.hash} ${wanted.cptId} ${signer}`))).slice(0, 24)
  const salt = randomBytes(16).toString('base64url')
  return { ...wanted, batchId: `batch_weid-${name}`, salt, signer, ...(isImported && { isImported }) }
}

export interface AnchoredEvidence {
  readonly root: string
  readonly issuer: string
  readonly typeId: string
  readonly anchoredAtMs: number
  readonly transactionId?: string
}

export async function findBatch(
  { group }: WeidService,
  { batchId }: Pick<KeptEvidence, 'batchId'>,
): Promise<AnchoredEvidence | undefined> {
  return (await group.find(`/batches/${batchId}`)) as AnchoredEvidence | undefined
}

/** Of a credential, or of a hash with the number of its CPT. */
export async function createEvidence(service: WeidService, call: WeidCall): Promise<WeidResult> {
  const { credential, hash, cptId, log } = call.args
  const logs = typeof log === 'string' && log !== '' ? [log] : []
  if (credential !== undefined) {
    const pojo = parsePojo(credential)
    if (isRefusal(pojo)) return pojo
    const kept = await anchorEvidence(service, call, { hash: hashOfPojo(pojo), cptId: pojo.cptId, logs })
    return isRefusal(kept) ? kept : { respBody: kept.hash }
  }
  if (hash === undefined || cptId === undefined) return refuse('input_missing')
  if (!isHash(hash) || typeof cptId !== 'number') return refuse('input_malformed')
  const kept = await anchorEvidence(service, call, { hash, cptId, logs })
  return isRefusal(kept) ? kept : { respBody: kept.hash }
}

function isHash(value: Json): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)
}

export async function getEvidence(service: WeidService, { args }: WeidCall): Promise<WeidResult> {
  const { hashValue = args['hash'] } = args
  if (hashValue === undefined) return refuse('input_missing')
  if (!isHash(hashValue)) return refuse('input_malformed')
  const kept = (await service.book.read()).evidence[hashValue]
  if (kept?.transactionId === undefined) return refuse('evidence_missing')
  const { signer, logs, timeMs = 0, transactionId, revokedMs } = kept
  const signed = {
    logs,
    signature: transactionId,
    timestamp: String(Math.floor(timeMs / 1000)),
    revoked: revokedMs !== undefined,
  }
  const receipt = `${service.group.url}/receipts/${transactionId}`
  return { respBody: { credentialHash: hashValue, signInfo: { [signer]: signed }, receipt } }
}

/** The issuer takes a credential back: from now on it does not verify. */
export async function revokeEvidence(service: WeidService, { args, invoker }: WeidCall): Promise<WeidResult> {
  const { hashValue = args['hash'] } = args
  if (hashValue === undefined || !invoker) return refuse('input_missing')
  if (!isHash(hashValue)) return refuse('input_malformed')
  const kept = (await service.book.read()).evidence[hashValue]
  if (!kept) return refuse('evidence_missing')
  if (kept.signer !== invoker.did) return refuse('evidence_not_yours')
  await service.book.keepEvidence({ ...kept, revokedMs: kept.revokedMs ?? service.nowMs() })
  return { respBody: true }
}
