/** The desks that this node serves: offices with keys of their own that use the ledger through the same door as anyone. */
import type { Endpoint } from '@chengxin/api'
import type { GroupClient } from '@chengxin/client'
import type { Refusals } from '@chengxin/module-kit'
import { createSignInDesk, type Desk, deskRefusals, type SignInDesk, type Vault } from '@chengxin/services'
import { createVerifierDesk, trustedBundle, type VerifierDesk } from '@chengxin/services/verifier'
import type { Log } from '../log.ts'
import { openAgent } from './agent.ts'
import { type DeskDoor, deskEndpoints } from './desk-endpoints.ts'
import { openidEndpoints } from './openid-endpoints.ts'
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
  const verifier = verifierDesk(options)
  const openid = [...verifier.openid]
  const agent = openAgent(options, () => openid)
  const desks = desksOf(signIn, verifier, agent)
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

/** One line a desk. */
function desksOf(signIn: SignInDesk, verifier: VerifierDesk, agent: Desk | undefined): readonly Desk[] {
  return [signIn, verifier, ...(agent ? [agent] : [])]
}

function verifierDesk({ group, vault, isSampleCity, publicUrl }: DesksOptions): VerifierDesk {
  const trusted = trustedBundle(group, Date.now)
  const offices = isSampleCity ? sampleVerifierOffices(publicUrl, trusted) : []
  return createVerifierDesk({ group, vault, offices, trusted, nowMs: Date.now })
}
