/** The issuers of this node: their desk, and the addresses by which wallets reach them. */
import type { Endpoint } from '@chengxin/api'
import type { Did } from '@chengxin/kernel'
import { type Accounts, canIssueAt } from '@chengxin/services'
import {
  createIssuerDesk,
  createSuccessionDesk,
  type IssuerDesk,
  openIssuerOffice,
  type SuccessionDesk,
} from '@chengxin/services/issuer'
import type { OpenidEndpoint } from '@chengxin/services/openid'
import type { Trusted, VerifierOffice } from '@chengxin/services/verifier'
import { enterSampleEntitlements, issueFirstCertificates } from '../sample-city/issuers.ts'
import type { OpenDesksOptions } from './desks.ts'
import { openidEndpoints } from './openid-endpoints.ts'

export interface OpenIssuers {
  readonly desk: IssuerDesk
  readonly succession: SuccessionDesk
  readonly openid: readonly OpenidEndpoint[]
  readonly endpoints: readonly Endpoint[]
  /** Once the ledger knows who may issue. */
  firstCertificates(): Promise<void>
}

/**
 * Undefined where no office of this node issues. `asking` are the offices that may ask residents for certificates; `published` is
 * told when readers need a new trust bundle.
 */
export async function openIssuers(
  { group, vault, offices: { issuers, authority, agent }, isSampleCity, publicUrl, log }: OpenDesksOptions,
  trusted: Trusted,
  asking: readonly VerifierOffice[],
  published: () => void,
  accounts: Accounts,
): Promise<OpenIssuers | undefined> {
  if (issuers.length === 0 || !canIssueAt(publicUrl)) return undefined
  const failed = (error: unknown) => log.warn({ error: String(error) }, 'An issuer tries something again.')
  // Whoever has an account here and could have authorised this node's agent is spoken for by it.
  const hasAgentFor = async (did: Did) => agent !== undefined && (await accounts.idOfDid(did)) !== undefined
  const offices = await Promise.all(
    issuers.map(({ office, names, domain, types, signer }) => {
      const asks = asking.find((candidate) => candidate.office === office)
      return openIssuerOffice({
        ...{ office, names, domain, builtIn: types, signer, group, vault, publicUrl, trusted, failed, published },
        hasAgentFor,
        ...(authority && { authority }),
        ...(asks && { asks }),
      })
    }),
  )
  const openid = offices.flatMap(({ office }) => office.openid)
  const endpoints = offices.flatMap(({ office }) => openidEndpoints(office.openid, { publicUrl, name: office.office }))
  if (isSampleCity) for (const office of offices) await enterSampleEntitlements(office)
  const firstCertificates = async () => {
    if (isSampleCity) for (const office of offices) await issueFirstCertificates(office)
  }
  const succession = await createSuccessionDesk({
    ...{ group, vault, offices, published, failed, nowMs: Date.now },
    ...(authority && { authority }),
  })
  return { desk: createIssuerDesk(offices), succession, openid, endpoints, firstCertificates }
}
