/**
 * The checks of a certificate against a trust bundle, one function each: what is asked, what is answered, on which facts.
 * They are judged as of the block in which the certificate was anchored, since only that time is not the issuer's own word.
 */
import { parseDidUrl, type Certificate as X509Certificate } from '@chengxin/crypto'
import { fromBase64url, isRefusal, limits, toBase64url } from '@chengxin/kernel'
import { type AnchorClaim, certificateCommitment, isInBatch } from './anchor.ts'
import type { Entitlement } from './bundle-payload.ts'
import type { Certificate } from './certificate.ts'
import { isInForce, isKeyOf, isNamedBy } from './chain.ts'
import { type CheckCode, isCheckCode } from './codes.ts'
import { verifyJwt } from './jwt.ts'
import { checkKeyBinding, clockSkewMs, type ExpectedPresentation } from './key-binding.ts'
import type { Platform } from './platform.ts'
import { checkPrinted, isPrinted } from './printed.ts'
import type { Receipt } from './receipt.ts'
import { type Check, checkOf, passed } from './report.ts'
import { statusAt, statusWords } from './status-list.ts'
import { isIssuerOrSuccessor, keeperOf } from './succession.ts'
import type { TrustBundle } from './trust-bundle.ts'

/** The check of a refusal: codes of refusals and of checks are the same words. */
export function checkOfRefusal(refused: string): Check {
  if (!isCheckCode(refused)) throw new Error(`The code ${refused} is not among the codes of checks.`)
  return checkOf(refused)
}

export function checkBundle(bundle: TrustBundle, nowMs: number): Check {
  const { sequence, issuedAtMs, expiresAtMs, signedBy, committee, isPinned, group } = bundle
  const signed = { signedBy: signedBy.length, threshold: committee.threshold }
  const facts = { group, sequence, issuedAtMs, expiresAtMs, ageMs: nowMs - issuedAtMs, ...signed, isPinned }
  if (issuedAtMs > nowMs + clockSkewMs) return checkOf('bundle_from_future', facts)
  if (expiresAtMs <= nowMs) return checkOf('bundle_expired', facts)
  return isPinned ? passed('bundle', facts) : checkOf('bundle_trusted_as_given', facts)
}

export async function checkSignature(
  platform: Platform,
  certificate: Certificate,
  bundle: TrustBundle,
): Promise<Check> {
  const facts = { keyId: certificate.kid }
  const known = bundle.issuerKey(certificate.kid)
  if (!known) return checkOf('signature_key_unknown', facts)
  const verdict = await verifyJwt(platform, certificate.sdJwt.issuerJwt, known.key.jwk)
  if (verdict === 'algorithm_not_allowed') return checkOf('signature_algorithm_not_allowed', facts)
  if (verdict === 'signature_invalid') return checkOf('signature_invalid', facts)
  return passed('signature', facts)
}

/**
 * Whether the X.509 certificate inside agrees with what the bundle says. It was good if it was in force in the block of the
 * anchoring; where that is not known, it is judged like any other, as of now.
 */
export function checkChain(
  certificate: Certificate,
  receipt: Receipt | undefined,
  bundle: TrustBundle,
  nowMs: number,
): Check {
  const { x5c, kid, iss } = certificate
  if (x5c === undefined) return checkOf('chain_not_stated')
  const chain = bundle.chain(x5c)
  if (isRefusal(chain)) return checkOfRefusal(chain.refused)
  const facts = {
    subject: chain.subject.commonName ?? '',
    authority: chain.issuer.commonName ?? '',
    serial: chain.serial,
    certificateFromMs: chain.notBeforeMs,
    certificateUntilMs: chain.notAfterMs,
  }
  const key = bundle.issuerKey(kid)?.key.jwk
  if (!key) return checkOf('chain_unchecked', facts)
  if (!isKeyOf(chain, key)) return checkOf('chain_key_mismatch', facts)
  if (!isNamedBy(chain, iss)) return checkOf('chain_name_mismatch', facts)
  if (receipt && !isInForceInBlock(chain, receipt.leaf.timeMs)) return checkOf('chain_not_in_force', facts)
  if (!receipt && !isInForce(chain, nowMs)) return checkOf('chain_time_unknown', facts)
  return passed('chain', facts)
}

/** Block time may lag, and a certificate be newer than the time of the block that it was first used in. */
function isInForceInBlock(chain: X509Certificate, timeMs: number): boolean {
  return isInForce(chain, timeMs) || isInForce(chain, timeMs + limits.blockTimeLagMs)
}

export function checkReceipt(
  { leaf, transaction, index, checkpoint, cosignatures }: Receipt,
  bundle: TrustBundle,
): Check {
  const facts = {
    transaction: transaction.id,
    leafIndex: index,
    height: leaf.height,
    timeMs: leaf.timeMs,
    logSize: checkpoint.size,
    logRoot: toBase64url(checkpoint.root),
    cosignatures,
    quorum: bundle.quorum,
  }
  if (leaf.code !== 'ok') return checkOf('receipt_transaction_refused', { ...facts, refused: leaf.code })
  const trusted = bundle.openedCheckpoint.checkpoint
  // Two roots for one size are two histories. For other sizes only the log itself can show that it grew honestly.
  if (trusted.size === checkpoint.size && toBase64url(trusted.root) !== facts.logRoot) {
    return checkOf('receipt_forked_log', facts)
  }
  return passed('receipt', facts)
}

/** An action by which somebody anchored a batch. */
export interface Anchoring {
  readonly batchId: string
  readonly typeId: string
  readonly count: number
  readonly root: Uint8Array
  readonly principal: string
}

function anchoringsOf({ transaction }: Receipt): readonly Anchoring[] {
  return transaction.actions.flatMap((action) => {
    const { batchId, typeId, root, count } = action.args
    const bytes = typeof root === 'string' ? fromBase64url(root) : undefined
    if (action.type !== 'credentials.anchorBatch' || bytes?.length !== 32) return []
    if (typeof batchId !== 'string' || typeof typeId !== 'string' || typeof count !== 'number') return []
    return [{ batchId, typeId, count, root: bytes, principal: action.for ?? transaction.signer }]
  })
}

/** Whether the certificate is in the batch that a receipt's transaction anchored. The receipt is one that holds. */
export function checkAnchor(
  platform: Platform,
  certificate: Certificate,
  claim: AnchorClaim,
  receipt: Receipt,
  bundle: TrustBundle,
): Check {
  const place = { transaction: receipt.transaction.id, index: claim.index, batchSize: claim.batchSize }
  const anchorings = anchoringsOf(receipt)
  if (anchorings.length === 0) return checkOf('anchor_transaction_unrelated', place)
  const own = anchorings.filter(({ principal }) => principal === certificate.did)
  if (own.length === 0) return checkOf('anchor_not_by_issuer', place)
  const ofType = own.filter(({ typeId }) => vctOf(bundle, typeId) === certificate.vct)
  if (ofType.length === 0) return checkOf('anchor_type_mismatch', place)

  const salt = fromBase64url(claim.salt) as Uint8Array
  const commitment = certificateCommitment(platform.sha256, certificate, salt)
  const anchoring = ofType.find(
    ({ root, count }) => count === claim.batchSize && isInBatch(platform.sha256, root, claim, commitment),
  )
  if (!anchoring) return checkOf('anchor_mismatch', place)
  return passed('anchor', { ...place, batchId: anchoring.batchId, typeId: anchoring.typeId })
}

function vctOf(bundle: TrustBundle, typeId: string): string | undefined {
  return bundle.types.find((type) => type.typeId === typeId)?.vct
}

/** Whether the issuer had the right to this type at the block time of the anchoring. `receipt` is one that holds. */
export function checkIssuer(certificate: Certificate, receipt: Receipt | undefined, bundle: TrustBundle): Check {
  const anchoredAtMs = receipt?.leaf.timeMs
  const issuer = bundle.issuers.find(({ did }) => did === certificate.did)
  const facts = {
    issuer: certificate.did,
    ...(issuer && { name: issuer.name }),
    ...(issuer?.domain !== undefined && { domain: issuer.domain }),
    ...(anchoredAtMs !== undefined && { anchoredAtMs }),
  }
  // What a bundle does not list may have come after it, and then nothing is wrong with the certificate.
  const unlisted = (code: CheckCode) =>
    checkOf(anchoredAtMs !== undefined && anchoredAtMs > bundle.issuedAtMs ? 'issuer_newer_than_bundle' : code, facts)
  if (!issuer) return unlisted('issuer_not_listed')
  if (!isNamed(certificate.iss, issuer)) return checkOf('issuer_name_mismatch', facts)
  const periods = issuer.types.filter(({ vct }) => vct === certificate.vct)
  if (periods.length === 0) return unlisted('issuer_type_not_listed')
  if (anchoredAtMs === undefined) return checkOf('issuer_time_unknown', facts)
  const key = bundle.issuerKey(certificate.kid)?.key
  if (!key) return unlisted('issuer_key_not_active')
  if (anchoredAtMs < key.fromMs || anchoredAtMs >= (key.untilMs ?? Number.POSITIVE_INFINITY)) {
    return checkOf('issuer_key_not_active', facts)
  }
  const code = entitlementFault(periods, anchoredAtMs)
  if (code) return checkOf(code, facts)
  const keeper = keeperOf(bundle.issuers, issuer.did, certificate.vct)
  if (!keeper) return passed('issuer', facts)
  const { did: successor, name: successorName, domain: successorDomain, sinceMs: keptSinceMs } = keeper
  return checkOf('issuer_succeeded', {
    ...facts,
    ...{ successor, keptSinceMs },
    ...(successorName !== undefined && { successorName }),
    ...(successorDomain !== undefined && { successorDomain }),
  })
}

function isNamed(iss: string, issuer: { readonly did: string; readonly domain?: string }): boolean {
  if (iss === issuer.did) return true
  return (
    issuer.domain !== undefined && (iss === `https://${issuer.domain}` || iss.startsWith(`https://${issuer.domain}/`))
  )
}

function entitlementFault(periods: readonly Entitlement[], atMs: number): CheckCode | undefined {
  if (isCompromisedAt(periods, atMs)) return 'issuer_compromised'
  const never = Number.POSITIVE_INFINITY
  const begun = periods.filter(({ fromMs }) => fromMs <= atMs)
  const running = begun.filter(({ untilMs = never }) => atMs < untilMs)
  if (running.some(({ frozenSinceMs = never }) => atMs < frozenSinceMs)) return undefined
  if (begun.length === 0) return 'issuer_not_entitled_yet'
  return running.length > 0 ? 'issuer_frozen' : 'issuer_entitlement_ended'
}

/** A compromise reaches back beyond the period in which it was noticed, up to the freeze that ended it. */
function isCompromisedAt(periods: readonly Entitlement[], atMs: number): boolean {
  const never = Number.POSITIVE_INFINITY
  return periods.some(
    ({ compromisedSinceMs = never, frozenSinceMs = never }) => compromisedSinceMs <= atMs && atMs < frozenSinceMs,
  )
}

export interface StatusPolicy {
  readonly nowMs: number
  /** The oldest status list that is accepted, counted from when its issuer signed it. */
  readonly maxStatusAgeMs?: number | undefined
}

export async function checkStatus(certificate: Certificate, bundle: TrustBundle, policy: StatusPolicy): Promise<Check> {
  const { status, did } = certificate
  if (!status) return checkOf('status_not_stated')
  const list = await bundle.statusList(status.uri)
  if (isRefusal(list)) return checkOfRefusal(list.refused)
  if (list.uri !== status.uri) return checkOf('status_list_malformed')
  // A list of a dissolved issuer is continued by a successor that the bundle names.
  const publisher = parseDidUrl(list.keyId)?.did ?? ''
  if (!isIssuerOrSuccessor(bundle.issuers, did, publisher)) {
    return checkOf('status_list_key_unknown', { keyId: list.keyId })
  }

  const { nowMs, maxStatusAgeMs = Number.POSITIVE_INFINITY } = policy
  const { version = 0, anchoredAtMs = 0 } = bundle.statusLists.find(({ uri }) => uri === status.uri) ?? {}
  const { issuedAtMs, expiresAtMs } = list
  const ageMs = nowMs - issuedAtMs
  const facts = {
    ...{ uri: status.uri, index: status.index, version, anchoredAtMs, issuedAtMs, ageMs },
    ...(publisher !== did && { publishedBy: publisher }),
  }
  const value = statusAt(list, status.index)
  if (value === undefined) return checkOf('status_index_out_of_range', facts)
  if (value !== 0) {
    const word = statusWords[value]
    return word === undefined || word === 'valid'
      ? checkOf('status_value_unknown', facts)
      : checkOf(`status_${word}`, facts)
  }
  const periods = bundle.issuers.find((issuer) => issuer.did === publisher)?.types ?? []
  // Whoever had the keys could anchor a list from which revocations are gone.
  if (isCompromisedAt(periods, anchoredAtMs)) return checkOf('status_list_compromised', facts)
  if (bundle.issuedAtMs > nowMs + clockSkewMs) return checkOf('status_unchecked', facts)
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return checkOf('status_list_expired', facts)
  if (ageMs > maxStatusAgeMs) return checkOf('status_list_too_old', facts)
  if (bundle.expiresAtMs <= nowMs) return checkOf('status_bundle_expired', facts)
  return passed('status', facts)
}

export async function checkHolder(
  platform: Platform,
  { sdJwt, holderKey }: Certificate,
  nowMs: number,
  expected?: ExpectedPresentation,
): Promise<Check> {
  const { keyBinding } = sdJwt
  if (!keyBinding) return checkOf(expected ? 'holder_missing' : 'holder_not_asked')
  if (isPrinted(sdJwt)) {
    // Paper proves nothing about who holds it, so it is no answer to a verifier who asks for the holder.
    if (expected) return checkOf('holder_missing')
    const printed = await checkPrinted(platform, { ...sdJwt, keyBinding }, holderKey, nowMs)
    return isRefusal(printed) ? checkOfRefusal(printed.refused) : checkOf('holder_printed', { ...printed })
  }
  const refused = await checkKeyBinding(platform, { ...sdJwt, keyBinding }, holderKey, nowMs, expected)
  if (refused) return checkOfRefusal(refused.refused)
  const { aud, iat } = keyBinding.payload as { readonly aud: string; readonly iat: number }
  const facts = { audience: aud, presentedAtMs: iat * 1000 }
  return expected ? passed('holder', facts) : checkOf('holder_not_asked', facts)
}

export interface FreshnessPolicy {
  readonly nowMs: number
  readonly maxBundleAgeMs?: number | undefined
}

export function checkFreshness(
  certificate: Certificate,
  bundle: TrustBundle | undefined,
  policy: FreshnessPolicy,
): Check {
  const { issuedAtMs, notBeforeMs, expiresAtMs } = certificate
  const { nowMs, maxBundleAgeMs = Number.POSITIVE_INFINITY } = policy
  const facts = {
    ...(issuedAtMs !== undefined && { issuedAtMs }),
    ...(notBeforeMs !== undefined && { notBeforeMs }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(bundle && { bundleAgeMs: nowMs - bundle.issuedAtMs }),
  }
  if (issuedAtMs !== undefined && issuedAtMs > nowMs + clockSkewMs) return checkOf('freshness_issued_in_future', facts)
  if (notBeforeMs !== undefined && notBeforeMs > nowMs + clockSkewMs) return checkOf('freshness_not_yet_valid', facts)
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return checkOf('freshness_expired', facts)
  if (bundle && nowMs - bundle.issuedAtMs > maxBundleAgeMs) return checkOf('freshness_bundle_too_old', facts)
  return passed('freshness', facts)
}
