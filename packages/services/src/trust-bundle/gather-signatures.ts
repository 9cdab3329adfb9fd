/**
 * A trust bundle on its way from member to member: a payload, and the signatures that it has so far. It has the form of a
 * bundle all the time, so that everyone refuses it (`bundle_threshold_not_met`) until enough members have signed.
 */
import {
  type BundlePayload,
  type Committee,
  genesisCommittee,
  readUnjudged,
  signersOf,
  webPlatform,
} from '@chengxin/audit'
import type { Signer } from '@chengxin/client'
import { parseDidUrl } from '@chengxin/crypto'
import { canonicalize, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { encodeBundlePayload, joinBundle, signBundlePayload } from './sign-bundle.ts'

/** A payload that nobody has signed yet. */
export function draftBundle(payload: BundlePayload): string {
  return joinBundle(encodeBundlePayload(payload), [])
}

/** Committees whose members a bundle waits for: the one that it names, and the one that was trusted until now. */
export function committeesFor({ committee, genesis }: BundlePayload, before?: Committee): readonly Committee[] {
  const trusted = before ?? genesisCommittee(genesis)
  const isSame = trusted === undefined || canonicalize(asJson(trusted)) === canonicalize(asJson(committee))
  return isSame ? [committee] : [committee, trusted]
}

function asJson({ keys, threshold }: Committee) {
  return { keys: keys.map(({ kid, jwk }) => ({ kid, jwk: { ...jwk } })), threshold }
}

/**
 * The same bundle with one more member's signature. Refusals, in the order they are checked: `bundle_malformed`,
 * `bundle_key_not_seated` (no committee that the bundle waits for has this key), `bundle_signed_before` (this DID has,
 * wherever this key counts),
 * `bundle_signature_invalid` (also where the committee knows another key under this name).
 */
export async function addBundleSignature(
  text: string,
  signer: Signer,
  committees: readonly Committee[],
): Promise<string | Refusal> {
  const bundle = readUnjudged(text)
  if (!bundle) return refuse('bundle_malformed')
  const seated = committees.filter(({ keys }) => keys.some(({ kid }) => kid === signer.kid))
  if (seated.length === 0) return refuse('bundle_key_not_seated')
  const { payload, signatures } = bundle.envelope
  const counts = await countSignatures(text, seated)
  if (isRefusal(counts)) return counts
  // A member with two keys may owe one committee the older key and the other the newer.
  if (counts.every(({ signed }) => signed.includes(signer.did))) return refuse('bundle_signed_before')
  return judged(joinBundle(payload, [...signatures, await signBundlePayload(payload, signer)]), seated)
}

/**
 * The signatures of two copies of one bundle, that members signed apart. Refusals: `bundle_malformed`,
 * `bundle_payload_differs`, `bundle_signature_invalid`.
 */
export async function mergeBundles(
  text: string,
  other: string,
  committees: readonly Committee[],
): Promise<string | Refusal> {
  const [one, two] = [readUnjudged(text), readUnjudged(other)]
  if (!one || !two) return refuse('bundle_malformed')
  if (one.envelope.payload !== two.envelope.payload) return refuse('bundle_payload_differs')
  const known = new Set(one.envelope.signatures.map((signature) => signature.protected))
  const added = two.envelope.signatures.filter((signature) => !known.has(signature.protected))
  return judged(joinBundle(one.envelope.payload, [...one.envelope.signatures, ...added]), committees)
}

async function judged(text: string, committees: readonly Committee[]): Promise<string | Refusal> {
  const counted = await countSignatures(text, committees)
  return isRefusal(counted) ? counted : text
}

export interface SignatureCount {
  /** DIDs that signed, and those whose signatures are still to be had. */
  readonly signed: readonly string[]
  readonly open: readonly string[]
  readonly needed: number
}

/** How far each committee has come, in the order given. Refusals: `bundle_malformed`, `bundle_signature_invalid`. */
export async function countSignatures(
  text: string,
  committees: readonly Committee[],
): Promise<readonly SignatureCount[] | Refusal> {
  const bundle = readUnjudged(text)
  if (!bundle) return refuse('bundle_malformed')
  const counts: SignatureCount[] = []
  for (const committee of committees) {
    const signed = await signersOf(webPlatform, bundle.envelope, committee)
    if (isRefusal(signed)) return signed
    const open = seatsOf(committee).filter((did) => !signed.includes(did))
    counts.push({ signed, open, needed: committee.threshold })
  }
  return counts
}

function seatsOf({ keys }: Committee): readonly string[] {
  const dids = keys.map(({ kid }) => parseDidUrl(kid)?.did).filter((did) => did !== undefined)
  return [...new Set(dids)]
}

/** Whether every committee's threshold is met. */
export function isSignedEnough(counts: readonly SignatureCount[]): boolean {
  return counts.every(({ signed, needed }) => signed.length >= needed)
}
