/**
 * Everything that the certificates of one batch will say, decided before anything is anchored or signed: salts, order,
 * places in the status list. A plan is written down first; what it says is what is issued, however often it is resumed.
 * It holds personal data, so it stays with the issuer and is erased once the certificates are handed out.
 */
import {
  type AnchoredContent,
  certificateCommitment,
  disclosureDigest,
  integrityOf,
  type StatusReference,
} from '@chengxin/audit'
import type { PublicJwk } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, compareText, type Did, fromBase64url, type Json, type JsonObject } from '@chengxin/kernel'
import type { Sent } from '../once.ts'
import { type BatchTree, batchTree } from './batch-tree.ts'
import { randomSalt, shuffled } from './random.ts'
import type { StatusRegister } from './status-register.ts'

/** A certificate that is wanted: for whom, and what it says. */
export interface Wanted {
  /** The issuer's own name for it, such as a line of a register; it leaves the issuer in no form. */
  readonly reference: string
  readonly holderKey: PublicJwk
  readonly claims: { readonly [name: string]: Json }
}

export interface PlannedCertificate {
  readonly reference: string
  readonly holderKey: PublicJwk
  readonly statusIndex: number
  /** Disclosures (RFC 9901 section 4.2.1), each with a salt of its own. */
  readonly disclosures: readonly string[]
  /** Of the commitment that is anchored. */
  readonly salt: string
}

export interface BatchPlan {
  readonly v: 1
  readonly batchId: `batch_${string}`
  readonly typeId: string
  readonly vct: string
  readonly issuer: Did
  /** By which the issuer is registered; absent where certificates name it by its DID. */
  readonly domain?: string
  /** Of the type as it is shown; absent where certificates name no template. */
  readonly displayHash?: string
  readonly statusUri: string
  /** The start of the day of issue: no certificate says at which second it was made. */
  readonly issuedAtMs: number
  /** From when on they have expired, for all of the batch alike; absent where they have no end. */
  readonly expiresAtMs?: number
  /** In the order of the batch, which says nothing of the order in which they were wanted. */
  readonly certificates: readonly PlannedCertificate[]
  /** Transactions by which the batch was to be anchored. */
  readonly sent: readonly Sent[]
}

export interface PlanOptions {
  readonly batchId: `batch_${string}`
  readonly typeId: string
  readonly vct: string
  readonly issuer: Did
  /** Names the issuer by its https address, as an X.509 certificate does, and not by its DID. */
  readonly domain?: string
  /** Of the display that the ledger has for the type: certificates then name it, and another form cannot be put in its place. */
  readonly displayHash?: string
  /** Days after which the certificates have expired; never if absent. */
  readonly validForDays?: number
  readonly register: StatusRegister
  readonly nowMs: number
}

const dayMs = 86_400_000
/** Names that mean something to every reader of a certificate and so can be no field. */
const reservedNames = new Set([
  'iss',
  'iat',
  'nbf',
  'exp',
  'cnf',
  'vct',
  'status',
  'sub',
  'anchor',
  '_sd',
  '_sd_alg',
  '...',
])

/** Plans a batch. Takes places in the status list, one for each certificate, at random. */
export function planBatch(wanted: readonly Wanted[], options: PlanOptions): BatchPlan {
  const { batchId, typeId, vct, issuer, domain, displayHash, validForDays, register, nowMs } = options
  const indexes = register.take(wanted.length)
  const certificates = shuffled(wanted).map(({ reference, holderKey, claims }, index): PlannedCertificate => {
    const statusIndex = indexes[index] as number
    return { reference, holderKey, statusIndex, disclosures: disclosuresOf(claims), salt: randomSalt() }
  })
  const issuedAtMs = nowMs - (nowMs % dayMs)
  const named = {
    issuer,
    ...(domain !== undefined && { domain }),
    ...(displayHash !== undefined && { displayHash }),
    ...(validForDays !== undefined && { expiresAtMs: issuedAtMs + validForDays * dayMs }),
  }
  return { v: 1, batchId, typeId, vct, ...named, statusUri: register.uri, issuedAtMs, certificates, sent: [] }
}

function disclosuresOf(claims: Wanted['claims']): readonly string[] {
  return Object.entries(claims).map(([name, value]) => {
    if (reservedNames.has(name)) throw new Error(`A certificate's own field cannot be called ${name}.`)
    return disclosure(name, value)
  })
}

export function disclosure(name: string, value: Json): string {
  return Buffer.from(canonicalize([randomSalt(), name, value])).toString('base64url')
}

/** Digests of the hidden fields, sorted: their order says nothing of the order of the fields. */
export function fieldDigests({ disclosures }: PlannedCertificate): readonly string[] {
  return disclosures.map((text) => disclosureDigest(sha256, text)).sort(compareText)
}

/** How certificates name their issuer. Readers of X.509 hold an address against the certificate, and know no DIDs. */
export function issOf({ issuer, domain }: BatchPlan): string {
  return domain === undefined ? issuer : `https://${domain}`
}

export function statusOf({ statusUri }: BatchPlan, { statusIndex }: PlannedCertificate): StatusReference {
  return { uri: statusUri, index: statusIndex }
}

/** What certificates say in plain sight of their end and their form (draft-ietf-oauth-sd-jwt-vc sections 2.2.2.2 and 6). */
export function plainOf({ displayHash, expiresAtMs }: BatchPlan): JsonObject {
  return {
    ...(expiresAtMs !== undefined && { exp: expiresAtMs / 1000 }),
    ...(displayHash !== undefined && { 'vct#integrity': integrityOf(displayHash) }),
  }
}

/** The tree whose root stands for the batch on the ledger. */
export function treeOfPlan(plan: BatchPlan): BatchTree {
  const plain = plainOf(plan)
  const commitments = plan.certificates.map((certificate) => {
    const content: AnchoredContent = {
      vct: plan.vct,
      iss: issOf(plan),
      holderKey: certificate.holderKey,
      status: statusOf(plan, certificate),
      claimDigests: fieldDigests(certificate),
      ...(Object.keys(plain).length > 0 && { plain }),
    }
    return certificateCommitment(sha256, content, fromBase64url(certificate.salt) as Uint8Array)
  })
  return batchTree(commitments)
}
