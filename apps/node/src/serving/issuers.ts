/** The issuers of this node: their desk, and the addresses by which wallets reach them. */
import type { Endpoint } from '@chengxin/api'
import type { Did } from '@chengxin/kernel'
import { type Accounts, canIssueAt, createOfficersWords } from '@chengxin/services'
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
import type { OpenBureau } from './bureau.ts'
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

export interface IssuersSurroundings {
  /** Told when readers need a new trust bundle. */
  readonly published: () => void
  readonly accounts: Accounts
  readonly bureau: OpenBureau | undefined
}

/**
 * Undefined where no office of this node issues. `asking` are the offices that may ask residents for certificates.
 */
export async function openIssuers(
  { group, vault, offices: own, isSampleCity, publicUrl, wallets = {}, log }: OpenDesksOptions,
  trusted: Trusted,
  asking: readonly VerifierOffice[],
  { published, accounts, bureau }: IssuersSurroundings,
): Promise<OpenIssuers | undefined> {
  const { issuers, authority, agent } = own
  if (issuers.length === 0 || !canIssueAt(publicUrl)) return undefined
  const failed = (error: unknown) => log.warn({ error: String(error) }, 'An issuer tries something again.')
  // Whoever has an account here and could have authorised this node's agent is spoken for by it.
  const hasAgentFor = async (did: Did) => agent !== undefined && (await accounts.idOfDid(did)) !== undefined
  const offices = await Promise.all(
    issuers.map(({ office, names, domain, types, signer }) => {
      const asks = asking.find((candidate) => candidate.office === office)
      return openIssuerOffice({
        ...{ office, names, domain, builtIn: types, signer, hasAgentFor },
        ...{ group, vault, publicUrl, wallets, trusted, failed, published },
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
  const { hostname, origin } = new URL(publicUrl)
  const wordsAt = (desk: string) =>
    createOfficersWords({
      ...{ desk, group: group.groupId, vault, relyingParty: { rpId: hostname, origins: [origin] }, nowMs: Date.now },
      keysOf: accounts.signingKeys,
    })
  const succession = await createSuccessionDesk({
    words: wordsAt('succession'),
    ...{ group, vault, offices, published, failed, nowMs: Date.now },
    ...(authority && { authority }),
  })
  // The bureau has a desk of its own, but a wallet's resident signs in at one place for all who issue.
  const bureauOffice = own.bureau && bureau?.office && { office: bureau.office, names: own.bureau.names }
  return {
    desk: createIssuerDesk({ offices, words: wordsAt('issuer'), beside: bureauOffice ? [bureauOffice] : [] }),
    succession,
    openid,
    endpoints,
    firstCertificates,
  }
}
