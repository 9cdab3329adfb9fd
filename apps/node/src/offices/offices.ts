/**
 * The offices that a node serves, with the keys that they act by. Desks know them in this form alone: the sample city brings
 * its own with keys that everybody can compute, every other city those that its node's `offices.json` names.
 */
import type { Signer } from '@chengxin/client'
import type { Did } from '@chengxin/kernel'
import type { IssuerSigner, OfficeType } from '@chengxin/services'
import type { Field } from '@chengxin/services/issuer'
import type { LicenceSource } from '@chengxin/services/sharing'
import type { Registration, Texts } from '@chengxin/services/verifier'
import type { AccountEntry } from './accounts.ts'

/** P-256, with the X.509 certificate by which wallets know the office. */
export type OfficeSigner = IssuerSigner & { readonly x509: Uint8Array }

/** A type of certificates that is written down before the office opens. */
export interface WrittenType {
  readonly type: OfficeType
  readonly fields: readonly Field[]
  readonly linkage: 'identified' | 'unlinkable'
}

interface PublicOffice {
  /** The word in addresses, and by which its officers are known. */
  readonly office: string
  readonly names: Texts
  readonly domain: string
  readonly signer: OfficeSigner
}

/** Confirms who people are, brings them onto the ledger, and issues certificates of identity. */
export interface BureauOffice extends PublicOffice {
  readonly registrar: Signer
  readonly bureau: Signer
}

export interface IssuerOffice extends PublicOffice {
  readonly types: readonly WrittenType[]
}

/** Asks holders for certificates. */
export interface AskingOffice {
  readonly office: string
  readonly registration: Registration
  readonly signer: OfficeSigner
}

export interface Offices {
  readonly bureau?: BureauOffice
  readonly issuers: readonly IssuerOffice[]
  readonly asking: readonly AskingOffice[]
  /** Licences that departments of this node answer for. */
  readonly sources: readonly LicenceSource[]
  /** The DID that residents let act for them. */
  readonly agent?: Did
  /** Defines types and says who may issue and ask. */
  readonly authority?: Signer
  /** Brings offices in. */
  readonly registrar?: Signer
  /** Anchors consents and looks of all parties. */
  readonly keeper?: Signer
  /** Whoever must stand on the ledger for all of this. */
  readonly identities: readonly Signer[]
  /** Seats of the committee whose keys lie here: where they are enough, trust bundles are signed as soon as anything changes. */
  readonly seats: readonly Signer[]
  /** Programs that use WeIdentity's interface, which is there if there is one. */
  readonly accounts: readonly AccountEntry[]
}

export const noOffices: Offices = { issuers: [], asking: [], sources: [], identities: [], seats: [], accounts: [] }
