/**
 * When an issuer is dissolved, its types pass to a successor that the authority has entitled. Certificates stay good: the successor
 * continues the old status lists, as the ledger lets a named successor, and revokes what must be revoked. Whoever proves the key
 * of an old certificate is offered a new one under the successor's name, and the old one is superseded once that is fetched.
 */
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { CertificateRecord, Claims, OfficeRecords } from './office-records.ts'

export interface PassedOn {
  /** Certificates whose holders can fetch a new one from the successor. */
  readonly passed: number
  /** Certificates that are superseded, because the new one has been fetched. */
  readonly superseded: readonly string[]
}

/** Whom a type passes to, and what it certifies already. */
export interface Successor {
  claimsOf(subject: string, typeId: string): Promise<Claims | undefined>
  keepClaims(subject: string, typeId: string, claims: Claims): Promise<void>
  recordsOf(subject: string): Promise<readonly CertificateRecord[]>
}

/** Hands over what is certified of whom; told again, it finds who has fetched since. Nothing is handed over twice. */
export async function passCertificates(
  records: OfficeRecords,
  typeId: string,
  successor: Successor,
  claimsOf: Successor['claimsOf'],
): Promise<PassedOn> {
  let passed = 0
  const superseded: string[] = []
  const hand = async ({ subject, reference }: CertificateRecord) => {
    if (await hasNew(successor, subject, typeId)) {
      superseded.push(reference)
      return
    }
    passed++
    const claims = await claimsOf(subject, typeId)
    // What the successor has corrected since stays corrected.
    if (claims !== undefined && (await successor.claimsOf(subject, typeId)) === undefined) {
      await successor.keepClaims(subject, typeId, claims)
    }
  }
  for (const word of ['valid', 'suspended'] as const) {
    for await (const { value } of everyRecord(records.certificates, ['state', `${typeId} ${word}`])) await hand(value)
  }
  return { passed, superseded }
}

async function hasNew(successor: Successor, subject: string, typeId: string): Promise<boolean> {
  return (await successor.recordsOf(subject)).some((record) => record.typeId === typeId && record.status === 'valid')
}
