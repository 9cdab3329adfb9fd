/** What the bureau keeps in the vault. Nothing of it stands on the ledger but a salted commitment. */

import type { ActKind } from '@chengxin/client/bureau-acts'
import { type Did, type Json } from '@chengxin/kernel'
import type { KeptWord } from '../desk/officers-word.ts'
import type { Sent } from '../once.ts'
import type { Collection, Vault } from '../vault/face.ts'
import type { IdentityFacts } from './identity-type.ts'

/** A resident's key with its word that it wants to be on the ledger, as `identity.create` takes it. */
export type KeptProof = {
  readonly key: { readonly [member: string]: string }
  readonly proof: string
  readonly webauthn?: { readonly authenticatorData: string; readonly clientDataJSON: string }
}

export type SentText = { readonly [member in keyof Sent]: Sent[member] }

export type Application = {
  /** Absent where an officer took it down for somebody without a phone, until the ticket is used. */
  readonly accountId?: string
  readonly facts: IdentityFacts
  readonly documentPhoto?: string
  readonly facePhoto?: string
  readonly status: 'submitted' | 'confirming' | 'confirmed' | 'refused' | 'awaiting-key'
  readonly submittedAtMs: number
  /** Account of the officer who took it down at the counter. */
  readonly takenBy?: string
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  readonly reason?: string
  readonly personId?: string
}

export type Person = {
  readonly accountId: string
  readonly did: Did
  readonly facts: IdentityFacts
  /** Opens the commitment on the ledger, together with DID and facts. */
  readonly salt: string
  readonly status: 'confirming' | 'confirmed' | 'frozen' | 'deceased'
  readonly confirmedAtMs: number
  /** Transactions that carry the newest commitment, written down before they were sent. */
  readonly sent: readonly SentText[]
  readonly history: readonly {
    readonly atMs: number
    readonly kind: ActKind | 'confirm'
    readonly reason?: string
    readonly by: string
    readonly and?: string
  }[]
}

export type Act = {
  readonly kind: ActKind
  readonly personId: string
  readonly reason: string
  readonly status: 'proposed' | 'approved' | 'done' | 'declined'
  readonly proposedBy: string
  readonly proposedAtMs: number
  /** The proposer's key over exactly this act; absent from acts of before. */
  readonly proposedWord?: KeptWord
  /** Of an act that needs two: never the one who proposed it. */
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  readonly decidedWord?: KeptWord
  /** New facts, of a correction or a change of name. */
  readonly facts?: IdentityFacts
  /** Of a guardianship: whose account may act, and until when. */
  readonly guardian?: { readonly accountId: string; readonly untilMs: number }
  /** Of a recovery: the passkey that the resident has made on the new device. */
  readonly newKey?: NewKey
  /** Of a recovery: whether officers sign on the ledger themselves, or the bureau does as a guardian that was named. */
  readonly way?: 'counter' | 'guardian'
  /** Transactions that officers have signed for it, as the ledger took them. */
  readonly signed?: readonly { readonly by: string; readonly atMs: number; readonly jws: string }[]
  readonly sent?: readonly SentText[]
  readonly completableAtMs?: number
}

export type NewKey = {
  readonly credentialId: string
  readonly keyId: string
  readonly jwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  readonly proof: string
  readonly webauthn: { readonly authenticatorData: string; readonly clientDataJSON: string }
}

export type Photo = {
  /** Who brought it: the only account that may put it into an application. */
  readonly accountId: string
  readonly jpeg: string
  readonly storedAtMs: number
  /** Set once it is not needed any more. */
  readonly deleteAtMs: number
}

export type Ticket = {
  readonly purpose: 'application' | 'recovery'
  /** Of the application or the act. */
  readonly subjectId: string
  readonly untilMs: number
  readonly challenge?: string
}

export type Guardianship = { readonly guardian: string; readonly ward: string; readonly untilMs: number }

export interface BureauVault {
  readonly applications: Collection<Application>
  readonly people: Collection<Person>
  readonly acts: Collection<Act>
  readonly photos: Collection<Photo>
  readonly tickets: Collection<Ticket>
  readonly guardianships: Collection<Guardianship>
  readonly proofs: Collection<KeptProof>
}

export function bureauVault(vault: Vault): BureauVault {
  const collection = <T extends Json>(name: string) => vault.collection<T>(`bureau-${name}`)
  return {
    applications: collection('applications'),
    people: collection('people'),
    acts: collection('acts'),
    photos: collection('photos'),
    tickets: collection('tickets'),
    guardianships: collection('guardianships'),
    proofs: collection('proofs'),
  }
}
