/** The desks that this node serves: offices with keys of their own that use the ledger through the same door as anyone. */
import type { Endpoint } from '@chengxin/api'
import type { GroupClient } from '@chengxin/client'
import type { Refusals } from '@chengxin/module-kit'
import { type Desk, deskRefusals, type Vault } from '@chengxin/services'
import type { Log } from '../log.ts'
import { type DeskDoor, deskEndpoints } from './desk-endpoints.ts'

export interface DesksOptions {
  /** The group that the desks work in, through this node's own door. */
  readonly group: GroupClient
  readonly vault: Vault
  readonly publicUrl: string
  readonly log: Log
}

export interface OpenDesks {
  readonly endpoints: readonly Endpoint[]
  readonly refusals: Refusals
  close(): Promise<void>
}

export function openDesks(options: DesksOptions): OpenDesks {
  const desks = desksOf(options)
  const door: DeskDoor = { origin: new URL(options.publicUrl).origin, personOf: async () => undefined }
  return {
    endpoints: desks.flatMap((desk) => deskEndpoints(desk, door)),
    refusals: Object.assign({ ...deskRefusals }, ...desks.map(({ refusals }) => refusals)) as Refusals,
    async close() {
      for (const desk of desks) await desk.close?.()
    },
  }
}

/** One line a desk. */
function desksOf(_options: DesksOptions): readonly Desk[] {
  return []
}
