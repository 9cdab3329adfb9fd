/** An office that asks holders for certificates: what it is registered for, and the keys it asks and signs with. */
import { type GroupClient } from '@chengxin/client'
import { type Registration, registrationDocument } from '@chengxin/holder'
import { type Did, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { Person } from '../desk/person.ts'
import { type IssuerSigner } from '../issuer/sign-jwt.ts'
import { createVerifier, toleratedWithoutAnchor, type Verifier } from '../openid/vp/verifier.ts'
import { nativePlatform } from './native-platform.ts'
import type { RequestStores } from './request-stores.ts'
import type { Trusted } from './trusted.ts'

export interface VerifierOffice {
  /** The word by which its officers are known, such as `verifier`. */
  readonly office: string
  readonly registration: Registration
  readonly registrationHash: string
  /** P-256, with the X.509 certificate that requests and reports carry. */
  readonly signer: IssuerSigner & { readonly x509: Uint8Array }
  readonly verifier: Verifier
  /** Erases requests that are over. */
  sweep(): Promise<void>
}

export interface OfficeOptions {
  readonly office: string
  readonly registration: Registration
  readonly signer: IssuerSigner & { readonly x509: Uint8Array }
  /** Scheme, host and port of this node. */
  readonly publicUrl: string
  readonly trusted: Trusted
  /** Where open requests are kept. */
  readonly stores: RequestStores
  readonly nowMs: () => number
}

export function openOffice(options: OfficeOptions): VerifierOffice {
  const { office, registration, signer, publicUrl, trusted, stores, nowMs } = options
  const verifier = createVerifier({
    clientIdPrefix: 'x509_hash',
    chain: [signer.x509],
    sign: (bytes) => signer.sign(bytes),
    baseUrl: `${publicUrl}/v1/verifiers/${office}`,
    origins: [new URL(publicUrl).origin],
    async bundle(asked) {
      const bundle = await trusted(asked)
      if (!bundle) throw new Error('A request was opened although the group has no trust bundle.')
      return bundle
    },
    // A holder may keep the proof of anchoring back; the report then says what is not known.
    tolerated: toleratedWithoutAnchor,
    platform: nativePlatform,
    stores,
    nowMs,
  })
  const sweep = () => stores.sweep()
  return { sweep, office, registration, registrationHash: registrationDocument(registration).hash, signer, verifier }
}

/** The office of an officer. Refuses with `office_not_a_verifier`. */
export function officeOf(offices: readonly VerifierOffice[], { office }: Person): VerifierOffice | Refusal {
  return offices.find((candidate) => candidate.office === office) ?? refuse('office_not_a_verifier')
}

export interface LedgerRegistration {
  readonly verifier: Did
  readonly version: number
  readonly domain: string
  readonly registrationHash: string
  readonly fromMs: number
  readonly untilMs?: number
  readonly endedAtMs?: number
}

/** The registration as the ledger has it, or undefined where it has none. */
export async function registeredAs(group: GroupClient, verifier: Did): Promise<LedgerRegistration | undefined> {
  return (await group.find(`/verifiers/${encodeURIComponent(verifier)}`)) as LedgerRegistration | undefined
}

/**
 * Asks the ledger whether the office may ask now, by this very document. Refusals: `verifier_not_registered` (never, no
 * longer, or by another document), `trust_bundle_missing`.
 */
export async function refuseUnregistered(
  group: GroupClient,
  { registration, registrationHash }: VerifierOffice,
  trusted: Trusted,
  nowMs: number,
): Promise<Refusal | undefined> {
  const listed = await registeredAs(group, registration.verifier)
  const isStanding =
    listed?.registrationHash === registrationHash &&
    listed.endedAtMs === undefined &&
    nowMs < (listed.untilMs ?? Number.POSITIVE_INFINITY)
  if (!isStanding) return refuse('verifier_not_registered')
  const bundle = await trusted()
  return bundle === undefined || isRefusal(bundle) ? refuse('trust_bundle_missing') : undefined
}
