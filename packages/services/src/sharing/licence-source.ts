/** A department that answers for licences: whose, of which type, and what each says. The register lies in the vault. */

import type { Texts } from '@chengxin/holder'
import type { Did, Json, JsonObject } from '@chengxin/kernel'
import type { CertificateType } from '../issuer/certificate-type.ts'
import type { Collection, Vault } from '../vault/face.ts'
import type { LicenceFacts } from './gbt-licence.ts'

export interface LicenceSource {
  /** The word by which its officers are known, such as `transport`. */
  readonly office: string
  readonly did: Did
  readonly names: Texts
  readonly type: CertificateType
  /** Under which codes the department lists the type; made from its words if absent. */
  readonly catalogue?: Catalogue
}

/** What the metadata of a licence needs beside what it says (GB/T 36903, draft). */
export interface Catalogue {
  /** Digits and capitals. */
  readonly typeCode: string
  /** Digits and capitals, such as a unified social credit code. */
  readonly issuerCode: string
  /** Which fields are number and dates; `licence_number`, `issued_on`, `valid_from`, `valid_until` if absent. */
  readonly elements?: {
    readonly number?: string
    readonly issuedOn?: string
    readonly validFrom?: string
    readonly validUntil?: string
  }
}

export interface Licence {
  readonly office: string
  readonly typeId: string
  /** Whose consent counts. */
  readonly holder: Did
  /** What the licence says, by the fields of its type. */
  readonly claims: JsonObject
  readonly facts: LicenceFacts
}

/** A document that a person is known by at a counter. */
export interface DocumentMark {
  readonly type: string
  readonly number: string
}

export interface LicenceRegister {
  enter(licenceId: string, licence: Licence, document: DocumentMark): Promise<boolean>
  find(typeId: string, document: DocumentMark): Promise<Licence | undefined>
}

export function licenceRegister(vault: Vault): LicenceRegister {
  const records: Collection<Licence & Json> = vault.collection<Licence & Json>('sharing-licences')
  return {
    enter: (licenceId, licence, document) =>
      records.insert(licenceId, licence as unknown as Licence & Json, { document: markOf(licence.typeId, document) }),
    async find(typeId, document) {
      const [found] = await records.find('document', markOf(typeId, document), { limit: 1 })
      return found?.value
    },
  }
}

/** Written as people write it, so that spaces and brackets do not matter. */
function markOf(typeId: string, { type, number }: DocumentMark): string {
  return `${typeId} ${type} ${number.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')}`
}
