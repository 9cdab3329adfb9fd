/** The desks that this node serves: offices with keys of their own that use the ledger through the same door as anyone. */
import type { Endpoint } from '@chengxin/api'
import type { GroupClient } from '@chengxin/client'
import type { Refusals } from '@chengxin/module-kit'
import { createSignInDesk, type Desk, deskRefusals, type SignInDesk, type Vault } from '@chengxin/services'
import { createVerifierDesk, trustedBundle } from '@chengxin/services/verifier'
import type { Log } from '../log.ts'
import { openAgent } from './agent.ts'
import { createBundleRenewal } from './bundle-renewal.ts'
import { openBureau } from './bureau.ts'
import { type DeskDoor, deskEndpoints } from './desk-endpoints.ts'
import { openIssuers } from './issuers.ts'
import { openidEndpoints } from './openid-endpoints.ts'
import { openSharing } from './sharing.ts'
import { sampleVerifierOffices } from './verifier-offices.ts'
import { weidEndpoints } from './weid.ts'

export interface DesksOptions {
  /** The group that the desks work in, through this node's own door. */
  readonly group: GroupClient
  readonly vault: Vault
  /** The deployment that residents' DIDs belong to. */
  readonly chainId: string
  /** Whether this is a city whose keys are public, where roles may be tried. */
  readonly isSampleCity: boolean
  readonly publicUrl: string
  readonly log: Log
  /** To sign in or register, by address; many if absent. */
  readonly attemptsPerMinute?: number
}

export interface OpenDesks {
  readonly endpoints: readonly Endpoint[]
  readonly refusals: Refusals
  /** What the sample city's offices do on the first day; done before, it is left alone. */
  begin(): Promise<void>
  close(): Promise<void>
}

export async function openDesks(options: DesksOptions): Promise<OpenDesks> {
  const signIn = createSignInDesk({ ...options, nowMs: Date.now })
  const renewal = createBundleRenewal(options.group, options.publicUrl, options.log)
  const trusted = trustedBundle(options.group, Date.now, renewal.settled)
  const offices = options.isSampleCity ? sampleVerifierOffices(options.publicUrl, trusted) : []
  const verifier = createVerifierDesk({ ...options, offices, trusted, nowMs: Date.now })
  const bureau = await openBureau(options, signIn, renewal.soon)
  const issuers = await openIssuers(options, trusted, offices, renewal.soon)
  const openid = [...verifier.openid, ...(bureau?.office?.openid ?? []), ...(issuers?.openid ?? [])]
  const agent = openAgent(options, () => openid)
  const desks = desksOf(signIn, bureau?.desk, issuers?.desk, verifier, agent, openSharing(options, offices, trusted))
  const door: DeskDoor = { origin: new URL(options.publicUrl).origin, personOf: signIn.personOf }
  return {
    endpoints: [
      ...desks.flatMap((desk) => deskEndpoints(desk, door)),
      ...openidEndpoints(bureau?.office?.openid ?? [], { publicUrl: options.publicUrl, name: 'bureau' }),
      ...(issuers?.endpoints ?? []),
      ...openidEndpoints(verifier.openid, { publicUrl: options.publicUrl, name: 'verifiers' }),
      ...weidEndpoints(options),
    ],
    refusals: Object.assign({ ...deskRefusals }, ...desks.map(({ refusals }) => refusals)) as Refusals,
    async begin() {
      await issuers?.firstCertificates()
      await renewal.settled()
    },
    async close() {
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
