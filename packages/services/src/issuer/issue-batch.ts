/**
 * From a plan to certificates: anchor the root, fetch the receipt, sign each certificate with its own way to the root
 * inside. A plan that was interrupted is taken up where it stood; it is never anchored twice.
 */
import { type AnchorClaim, certificateType, disclosureDigest } from '@chengxin/audit'
import { action, credentials, expectCommitted, type GroupClient, type Outcome, type Signer } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, compareText, type Json } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'
import { sendOnce } from '../once.ts'
import {
  type BatchPlan,
  disclosure,
  fieldDigests,
  issOf,
  type PlannedCertificate,
  plainOf,
  statusOf,
  treeOfPlan,
} from './batch-plan.ts'
import type { BatchTree } from './batch-tree.ts'
import { type IssuerSigner, issuerHeader, jwtSigner } from './sign-jwt.ts'

export interface AnchoredBatch {
  readonly plan: BatchPlan
  readonly tree: BatchTree
  readonly outcome: Outcome
  /** The anchoring in the log (C2SP tlog-proof), the same for all certificates of the batch. */
  readonly receipt: string
}

export interface AnchorOptions {
  readonly group: GroupClient
  readonly signer: Signer
  readonly nowMs: () => number
}

/** Anchors the plan that is kept. Throws `TransactionFailed` where the ledger refuses, with its code. */
export async function anchorBatch(
  kept: Kept<BatchPlan>,
  { group, signer, nowMs }: AnchorOptions,
): Promise<AnchoredBatch> {
  const plan = await kept.load()
  if (!plan) throw new Error('There is no plan to anchor.')
  const tree = treeOfPlan(plan)
  const args = { batchId: plan.batchId, typeId: plan.typeId as `type_${string}`, root: tree.root, count: tree.size }
  const actions = [action(credentials.anchorBatch, args)]
  const remember = (sent: BatchPlan['sent']) => kept.save({ ...plan, sent })
  const outcome = await sendOnce({ group, signer, actions, sent: plan.sent, remember, nowMs })
  expectCommitted(outcome)
  return { plan, tree, outcome, receipt: await group.getText(`/receipts/${outcome.id}`) }
}

export interface IssuedCertificate {
  readonly reference: string
  readonly statusIndex: number
  /** SD-JWT VC in compact form, all fields disclosed: what the holder receives. */
  readonly text: string
}

/** Signs the certificates of an anchored batch, in the order of the batch. */
export async function* signBatch(batch: AnchoredBatch, signer: IssuerSigner): AsyncGenerator<IssuedCertificate> {
  const sign = jwtSigner(issuerHeader(signer, certificateType), signer)
  for (const [index, certificate] of batch.plan.certificates.entries()) {
    const { reference, statusIndex } = certificate
    yield { reference, statusIndex, text: await signCertificate(batch, certificate, index, sign) }
  }
}

async function signCertificate(
  { plan, tree, receipt }: AnchoredBatch,
  certificate: PlannedCertificate,
  index: number,
  sign: ReturnType<typeof jwtSigner>,
): Promise<string> {
  const claim: AnchorClaim = { salt: certificate.salt, index, path: tree.path(index), batchSize: tree.size, receipt }
  const anchor = disclosure('anchor', claim as unknown as Json)
  const { uri, index: idx } = statusOf(plan, certificate)
  const payload = {
    iss: issOf(plan),
    iat: plan.issuedAtMs / 1000,
    vct: plan.vct,
    ...plainOf(plan),
    cnf: { jwk: certificate.holderKey },
    status: { status_list: { idx, uri } },
    _sd_alg: 'sha-256',
    _sd: [...fieldDigests(certificate), disclosureDigest(sha256, anchor)].sort(compareText),
  }
  const jwt = await sign(Buffer.from(canonicalize(payload)))
  return `${[jwt, ...certificate.disclosures, anchor].join('~')}~`
}
