/** The desks that this node serves: offices with keys of their own that use the ledger through the same door as anyone. */
import type { Endpoint } from '@chengxin/api'
import type { GroupClient } from '@chengxin/client'
import type { Refusals } from '@chengxin/module-kit'
import { createSignInDesk, type Desk, deskRefusals, type SignInDesk, type Vault } from '@chengxin/services'
import { createVerifierDesk, trustedBundle } from '@chengxin/services/verifier'
import type { Log } from '../log.ts'
import { type Establishing, keepEstablishing } from '../offices/establish.ts'
import { noOffices, type Offices } from '../offices/offices.ts'
import { sampleOffices } from '../sample-city/offices.ts'
import { openAgent } from './agent.ts'
import { createBundleRenewal } from './bundle-renewal.ts'
import { openBureau } from './bureau.ts'
import { type DeskDoor, deskEndpoints } from './desk-endpoints.ts'
import { openIssuers } from './issuers.ts'
import { openidEndpoints } from './openid-endpoints.ts'
import { openRegistrars } from './registrars.ts'
import { openSharing } from './sharing.ts'
import { openAskingOffices } from './verifier-offices.ts'
import { weidEndpoints } from './weid.ts'

export interface DesksOptions {
  /** The group that the desks work in, through this node's own door. */
  readonly group: GroupClient
  readonly vault: Vault
  /** The deployment that residents' DIDs belong to. */
  readonly chainId: string
  /** Whether this is a city whose keys are public, where roles may be tried. */
  readonly isSampleCity: boolean
  /** Whose desks these are; if absent the sample city's own in a sample city, elsewhere nobody's. */
  readonly offices?: Offices
  readonly publicUrl: string
  /** Wallets that may send residents to issuers to sign in; none if absent. */
  readonly wallets?: { readonly [clientId: string]: readonly string[] }
  readonly log: Log
  /** To sign in or register, by address; many if absent. */
  readonly attemptsPerMinute?: number
}

/** What desks are opened with. */
export type OpenDesksOptions = DesksOptions & { readonly offices: Offices }

export interface OpenDesks {
  readonly endpoints: readonly Endpoint[]
  readonly refusals: Refusals
  /** Brings this node's offices onto the ledger; in the sample city they issue their first certificates. What was done is left alone. */
  begin(): Promise<void>
  close(): Promise<void>
}

export async function openDesks(given: DesksOptions): Promise<OpenDesks> {
  const own = given.offices ?? (given.isSampleCity ? sampleOffices() : noOffices)
  const options: OpenDesksOptions = { ...given, offices: own }
  const { group, publicUrl, vault, log, isSampleCity } = options
  const signIn = createSignInDesk({ ...options, nowMs: Date.now })
  const renewal = createBundleRenewal(group, { publicUrl, seats: own.seats, log })
  const trusted = trustedBundle(group, Date.now, renewal.settled)
  const asking = openAskingOffices(own.asking, { publicUrl, trusted, vault })
  const verifier = createVerifierDesk({ ...options, offices: asking, trusted, nowMs: Date.now })
  const bureau = await openBureau(options, signIn, renewal.soon)
  const issuers = await openIssuers(options, trusted, asking, {
    ...{ published: renewal.soon, accounts: signIn.accounts, bureau },
  })
  const openid = [...verifier.openid, ...(bureau?.office?.openid ?? []), ...(issuers?.openid ?? [])]
  const books = [bureau?.desk.renewals, ...(issuers?.desk.offices ?? []).map(({ renewals }) => renewals)]
  const agent = openAgent(options, {
    own: () => openid,
    issuers: () => books.filter((book) => book !== undefined),
    accounts: signIn.accounts,
  })
  const registrars = openRegistrars(options, signIn, issuers?.desk)
  const sharing = openSharing(options, asking, issuers?.desk.offices ?? [], trusted)
  const desks = desksOf(signIn, bureau?.desk, registrars, issuers?.desk, issuers?.succession, verifier, agent, sharing)
  const door: DeskDoor = { origin: new URL(publicUrl).origin, personOf: signIn.personOf }
  let establishing: Establishing | undefined
  return {
    endpoints: [
      ...desks.flatMap((desk) => deskEndpoints(desk, door)),
      ...openidEndpoints(bureau?.office?.openid ?? [], { publicUrl, name: 'bureau' }),
      ...(issuers?.endpoints ?? []),
      ...openidEndpoints(verifier.openid, { publicUrl, name: 'verifiers' }),
      ...weidEndpoints(options),
    ],
    refusals: Object.assign({ ...deskRefusals }, ...desks.map(({ refusals }) => refusals)) as Refusals,
    async begin() {
      // The sample city has brought its offices in on its first day.
      if (!isSampleCity) establishing = keepEstablishing(group, own, { log, changed: renewal.soon })
      await establishing?.begun
      await issuers?.firstCertificates()
      await renewal.settled()
    },
    async close() {
      await establishing?.stop()
      await renewal.stop()
      for (const desk of desks) await desk.close?.()
      await bureau?.office?.close()
    },
  }
}

/** In the order of the documentation; those that only some nodes have are absent elsewhere. */
function desksOf(signIn: SignInDesk, ...others: readonly (Desk | undefined)[]): readonly Desk[] {
  return [signIn, ...others.filter((desk) => desk !== undefined)]
}
