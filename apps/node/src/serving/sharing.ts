/**
 * Where departments of this node share licences: those that their own desks have issued, and in the sample city one that is
 * there from the beginning, of a resident who drives.
 */
import { sampleActor } from '@chengxin/client'
import type { Desk } from '@chengxin/services'
import { ledgerView } from '@chengxin/services/agent'
import type { IssuerDeskOffice } from '@chengxin/services/issuer'
import {
  createSharingDesk,
  createStatementKeeper,
  drivingLicenceType,
  issuedLicences,
  type LicenceRegister,
  type LicenceSource,
  licenceRegister,
  shareBooks,
} from '@chengxin/services/sharing'
import type { Trusted, VerifierOffice } from '@chengxin/services/verifier'
import { sampleOffices } from '../sample-city/offices.ts'
import type { OpenDesksOptions } from './desks.ts'

/** Undefined where no key of this node anchors what the parties did, or nobody here would be a party. */
export function openSharing(
  { group, vault, isSampleCity, publicUrl, log, offices: { keeper, sources } }: OpenDesksOptions,
  offices: readonly VerifierOffice[],
  desks: readonly IssuerDeskOffice[],
  trusted: Trusted,
): Desk | undefined {
  if (keeper === undefined || sources.length + offices.length === 0) return undefined
  const { origin, hostname } = new URL(publicUrl)
  const entered = licenceRegister(vault)
  const issued = issuedLicences(desks, sources)
  if (isSampleCity) {
    enterSamples(entered).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'No sample licences were entered.'),
    )
  }
  return createSharingDesk({
    group,
    ledger: ledgerView(group, Date.now),
    books: shareBooks(vault),
    register: {
      enter: entered.enter,
      find: async (typeId, document) => (await entered.find(typeId, document)) ?? issued.find(typeId, document),
    },
    keeper: createStatementKeeper({
      group,
      signer: keeper,
      vault,
      failed: (error) => log.warn({ error: String(error) }, 'Statements wait to be anchored.'),
    }),
    offices,
    sources,
    trusted,
    relyingParty: { rpId: hostname, origins: [origin] },
    nowMs: Date.now,
  })
}

export function sampleSources(): readonly LicenceSource[] {
  return sampleOffices().sources
}

/** One resident of the sample city drives; the document is the one that its identity certificate names. */
export const sampleDocument = { type: 'bir', number: '1234567(8)' } as const

export async function enterSamples(register: LicenceRegister): Promise<void> {
  const { typeId } = drivingLicenceType
  await register.enter(
    'licence_sample-chan',
    {
      office: 'transport',
      typeId,
      holder: sampleActor('resident-chan').did,
      claims: {
        family_name: 'Chan',
        given_name: 'Tai Man',
        birth_date: '1990-05-17',
        licence_number: 'DL-204-118',
        categories: 'B, C1',
        issued_on: '2021-03-08',
        valid_until: '2031-03-07',
      },
      facts: {
        typeCode: 'DL01',
        typeName: '駕駛執照',
        number: 'DL204118',
        issuerName: '示例城交通事務局',
        issuerCode: 'SAMPLECITYTRANSPRT',
        holderName: 'Chan Tai Man',
        holderCode: '12345678',
        holderCodeType: 'BIR',
        issuedOn: '2021-03-08',
        validFrom: '2021-03-08',
        validUntil: '2031-03-07',
        version: 1,
      },
    },
    sampleDocument,
  )
}
