/** The desks that this node serves: offices with keys of their own that use the ledger through the same door as anyone. */
import type { Endpoint } from '@chengxin/api'
import type { GroupClient } from '@chengxin/client'
import type { Refusals } from '@chengxin/module-kit'
import { createSignInDesk, type Desk, deskRefusals, type SignInDesk, type Vault } from '@chengxin/services'
import { createVerifierDesk, trustedBundle } from '@chengxin/services/verifier'
import type { Log } from '../log.ts'
import { openAgent } from './agent.ts'
import { type DeskDoor, deskEndpoints } from './desk-endpoints.ts'
import { openidEndpoints } from './openid-endpoints.ts'
import { openSharing } from './sharing.ts'
import { sampleVerifierOffices } from './verifier-offices.ts'

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
}

export interface OpenDesks {
  readonly endpoints: readonly Endpoint[]
  readonly refusals: Refusals
  close(): Promise<void>
}

export function openDesks(options: DesksOptions): OpenDesks {
  const signIn = createSignInDesk({ ...options, nowMs: Date.now })
  const trusted = trustedBundle(options.group, Date.now)
  const offices = options.isSampleCity ? sampleVerifierOffices(options.publicUrl, trusted) : []
  const verifier = createVerifierDesk({ ...options, offices, trusted, nowMs: Date.now })
  const openid = [...verifier.openid]
  const agent = openAgent(options, () => openid)
  const desks = desksOf(signIn, verifier, agent, openSharing(options, offices, trusted))
  const door: DeskDoor = { origin: new URL(options.publicUrl).origin, personOf: signIn.personOf }
  return {
    endpoints: [
      ...desks.flatMap((desk) => deskEndpoints(desk, door)),
      ...openidEndpoints(verifier.openid, { publicUrl: options.publicUrl, name: 'verifiers' }),
    ],
    refusals: Object.assign({ ...deskRefusals }, ...desks.map(({ refusals }) => refusals)) as Refusals,
    async close() {
      for (const desk of desks) await desk.close?.()
    },
  }
}

/** In the order of the documentation; those that only some nodes have are absent elsewhere. */
function desksOf(signIn: SignInDesk, ...others: readonly (Desk | undefined)[]): readonly Desk[] {
  return [signIn, ...others.filter((desk) => desk !== undefined)]
}
