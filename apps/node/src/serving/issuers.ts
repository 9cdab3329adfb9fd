/** The issuers of this node: their desk, and the addresses by which wallets reach them. */
import type { Endpoint } from '@chengxin/api'
import { sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { canIssueAt } from '@chengxin/services'
import { createIssuerDesk, type IssuerDesk, openIssuerOffice } from '@chengxin/services/issuer'
import type { OpenidEndpoint } from '@chengxin/services/openid'
import type { Trusted, VerifierOffice } from '@chengxin/services/verifier'
import { enterSampleEntitlements, issueFirstCertificates, sampleIssuers } from '../sample-city/issuers.ts'
import { officeCertificate } from '../sample-city/office-certificate.ts'
import type { DesksOptions } from './desks.ts'
import { openidEndpoints } from './openid-endpoints.ts'

export interface OpenIssuers {
  readonly desk: IssuerDesk
  readonly openid: readonly OpenidEndpoint[]
  readonly endpoints: readonly Endpoint[]
  /** Once the ledger knows who may issue. */
  firstCertificates(): Promise<void>
}

/**
 * Undefined where this node keeps no sample city: no other has said yet who issues here. `asking` are the offices that may ask
 * residents for certificates; `published` is told when readers need a new trust bundle.
 */
export async function openIssuers(
  { group, vault, isSampleCity, publicUrl, log }: DesksOptions,
  trusted: Trusted,
  asking: readonly VerifierOffice[],
  published: () => void,
): Promise<OpenIssuers | undefined> {
  if (!isSampleCity || !canIssueAt(publicUrl)) return undefined
  const failed = (error: unknown) => log.warn({ error: String(error) }, 'An issuer tries something again.')
  const offices = await Promise.all(
    sampleIssuers.map(({ office, names, domain, builtIn }) => {
      const { did, privateJwk } = sampleActor(office)
      const asks = asking.find((candidate) => candidate.office === office)
      return openIssuerOffice({
        ...{ office, names, domain, builtIn, group, vault, publicUrl, trusted, failed, published },
        signer: { ...nativeSigner(privateJwk, { did }), x509: officeCertificate(office, names.en, domain) },
        authority: sampleActor('issuer-authority').signer,
        ...(asks && { asks }),
      })
    }),
  )
  for (const office of offices) await enterSampleEntitlements(office)
  const openid = offices.flatMap(({ office }) => office.openid)
  const endpoints = offices.flatMap(({ office }) => openidEndpoints(office.openid, { publicUrl, name: office.office }))
  const firstCertificates = async () => {
    for (const office of offices) await issueFirstCertificates(office)
  }
  return { desk: createIssuerDesk(offices), openid, endpoints, firstCertificates }
}
