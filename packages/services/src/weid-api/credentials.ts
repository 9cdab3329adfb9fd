/**
 * CredentialPojos: made, imported, and verified in one call that leaves nothing to the caller: form and dates, the CPT, the
 * issuer's signature by the ledger's keys, evidence on the ledger, the issuer's right when it was made, and revocation.
 */
import { randomUUID } from 'node:crypto'
import { verifySignaturePortably } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import type { ListedPeriod } from '../trust-bundle/read-lists.ts'
import { findCpt, type KeptEvidence, type RegisteredCpt } from './book.ts'
import { isOfSchema } from './cpt-schema.ts'
import { anchorEvidence, evidenceRoot, findBatch } from './evidence.ts'
import {
  type CredentialPojo,
  hashOfPojo,
  hasWeakSalt,
  isObject,
  isSignedByLegacyIssuer,
  legacyProofType,
  parsePojo,
  pojoContext,
  saltsFor,
  signedText,
} from './pojo.ts'
import type { WeidCall, WeidResult, WeidService } from './service.ts'
import { findDid } from './weids.ts'

export async function createCredentialPojo(service: WeidService, call: WeidCall): Promise<WeidResult> {
  const { args, invoker } = call
  const { cptId, issuer, expirationDate, claim } = args
  const isWhole = [cptId, issuer, expirationDate, claim].every((member) => member !== undefined)
  if (!isWhole || !invoker) return refuse('input_missing')
  if (issuer !== invoker.did) return refuse('invoker_not_yours')
  if (!isObject(claim)) return refuse('claim_not_of_cpt')
  const cpt = findCpt(await service.book.read(), cptId)
  if (!cpt) return refuse('cpt_not_found')
  if (!isOfSchema(claim, cpt.schema)) return refuse('claim_not_of_cpt')
  const now = Math.floor(service.nowMs() / 1000)
  const expires = secondsOf(expirationDate)
  if (expires === undefined || expires <= now) return refuse('date_malformed')

  const body = {
    context: pojoContext,
    id: randomUUID(),
    cptId: cpt.cptId,
    issuer: invoker.did,
    issuanceDate: now,
    expirationDate: expires,
    claim,
    type: ['VerifiableCredential', 'original'],
  }
  const salt = saltsFor(claim) as JsonObject
  const signature = await invoker.sign(toUtf8(signedText({ ...body, salt })))
  const signatureValue = Buffer.from(signature).toString('base64')
  const proof = { type: invoker.alg, created: now, creator: invoker.kid, salt, signatureValue }
  const pojo: CredentialPojo = { ...body, proof }
  // Without evidence nobody could tell it from one that was made after its issuer lost the right.
  const kept = await anchorEvidence(service, call, { hash: hashOfPojo(pojo), cptId: cpt.cptId, logs: [] })
  return isRefusal(kept) ? kept : { respBody: pojo as unknown as Json }
}

/** Seconds, or a date with its time zone. */
function secondsOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? undefined : Math.floor(atMs / 1000)
}

/**
 * Takes in a credential that WeIdentity's own library signed, under a CPT of here: an issuer vouches for it by evidence with
 * its own key. Its salts stay as short as they are, so it is marked wherever it is verified.
 */
export async function importCredentialPojo(service: WeidService, call: WeidCall): Promise<WeidResult> {
  const pojo = parsePojo(call.args['credential'])
  if (isRefusal(pojo)) return pojo
  const { cptId = pojo.cptId } = call.args
  if (typeof cptId !== 'number') return refuse('input_malformed')
  if (!isSignedByLegacyIssuer(pojo)) return refuse('signature_invalid')
  if (pojo.expirationDate <= service.nowMs() / 1000) return refuse('credential_expired')
  const wanted = { hash: hashOfPojo(pojo), cptId, logs: [], isImported: true }
  const kept = await anchorEvidence(service, call, wanted)
  return isRefusal(kept) ? kept : { respBody: kept.hash, warnings: warningsOf(pojo) }
}

function warningsOf({ proof }: CredentialPojo): readonly string[] {
  return hasWeakSalt(proof.salt) ? ['weak_salt'] : []
}

/** The credential itself is the argument, as in WeIdentity, or stands in it as `credential`. */
export async function verifyCredentialPojo(service: WeidService, { args }: WeidCall): Promise<WeidResult> {
  const pojo = parsePojo(args['credential'] ?? args)
  if (isRefusal(pojo)) return pojo
  const nowS = service.nowMs() / 1000
  if (pojo.issuanceDate > nowS + 60 || pojo.expirationDate < pojo.issuanceDate) return refuse('date_malformed')
  if (pojo.expirationDate <= nowS) return refuse('credential_expired')
  const book = await service.book.read()
  const evidence = book.evidence[hashOfPojo(pojo)]
  const isLegacy = pojo.proof.type === legacyProofType
  const refused =
    (isLegacy ? refuseLegacy(pojo, evidence) : await refuseSignature(service, pojo)) ??
    refuseClaim(pojo, findCpt(book, evidence?.cptId ?? pojo.cptId), isLegacy) ??
    (await refuseEvidence(service, pojo, evidence, findCpt(book, evidence?.cptId)))
  return refused ?? { respBody: true, warnings: warningsOf(pojo) }
}

function refuseLegacy(pojo: CredentialPojo, evidence: KeptEvidence | undefined): Refusal | undefined {
  if (!isSignedByLegacyIssuer(pojo)) return refuse('signature_invalid')
  return evidence?.isImported === true ? undefined : refuse('credential_not_imported')
}

async function refuseSignature(service: WeidService, pojo: CredentialPojo): Promise<Refusal | undefined> {
  const { proof, ...rest } = pojo
  const issuer = await findDid(service, pojo.issuer)
  if (!issuer) return refuse('weid_not_found')
  const key = issuer.keys.find(({ keyId, passkey }) => !passkey && `${issuer.did}#${keyId}` === proof.creator)
  const text = toUtf8(signedText({ ...rest, salt: proof.salt }))
  const signature = new Uint8Array(Buffer.from(proof.signatureValue, 'base64'))
  return key && verifySignaturePortably(key.jwk, text, signature) ? undefined : refuse('signature_invalid')
}

/** Where something is withheld, the schema can say nothing: a hash is no value of its type. */
function refuseClaim({ claim, proof }: CredentialPojo, cpt: RegisteredCpt | undefined, isLegacy: boolean) {
  if (!cpt) return refuse('cpt_not_found')
  const isWhole = !JSON.stringify(proof.salt).includes('"0"')
  return !isLegacy && isWhole && !isOfSchema(claim, cpt.schema) ? refuse('claim_not_of_cpt') : undefined
}

async function refuseEvidence(
  service: WeidService,
  pojo: CredentialPojo,
  evidence: KeptEvidence | undefined,
  cpt: RegisteredCpt | undefined,
): Promise<Refusal | undefined> {
  if (evidence?.transactionId === undefined || !cpt) return refuse('evidence_missing')
  const by = evidence.isImported === true ? evidence.signer : pojo.issuer
  const batch = await findBatch(service, evidence)
  const isAnchored = batch?.root === evidenceRoot(evidence) && batch.issuer === by && batch.typeId === cpt.typeId
  if (!batch || !isAnchored) return refuse('evidence_missing')
  // An issuer has at most sixty-four periods for a type: they come in one page.
  const path = `/issuers?issuer=${encodeURIComponent(by)}&typeId=${cpt.typeId}&limit=200`
  const { issuers: periods } = (await service.group.get(path)) as { readonly issuers: readonly ListedPeriod[] }
  if (!periods.some((period) => isEntitledAt(period, batch.anchoredAtMs))) return refuse('issuer_not_entitled')
  return evidence.revokedMs === undefined ? undefined : refuse('evidence_revoked')
}

function isEntitledAt({ fromMs, untilMs, endedAtMs, compromisedSinceMs }: ListedPeriod, atMs: number): boolean {
  const never = Number.POSITIVE_INFINITY
  return fromMs <= atMs && atMs < Math.min(untilMs ?? never, endedAtMs ?? never, compromisedSinceMs ?? never)
}
