/** Measurements of members that order together. */
import type { Registry } from 'prom-client'
import type { GroupPlace } from './endpoint.ts'
import { type Groups, gauge } from './gauge.ts'

/** Engine, blocks and members; groups that one process orders alone have none of it. */
export function measureConsensus(registry: Registry, groups: Groups): void {
  const perGroup = (name: string, help: string, valueOf: (status: Status) => number) =>
    gauge(registry, name, help, ['group'], (set) => {
      for (const [group, status] of statuses(groups)) set({ group }, valueOf(status))
    })
  perGroup('engine_ready', '1 while transactions can be handed to the engine.', ({ state }) =>
    Number(state === 'ready'),
  )
  perGroup('engine_height', 'The newest block here, confirmed or not.', ({ height }) => height)
  perGroup('engine_confirmed_height', 'The newest confirmed block: what is shown.', (one) => one.confirmedHeight)
  perGroup('engine_behind', 'Blocks that others say to have beyond ours.', (one) => one.behind)
  perGroup('engine_peers', 'Engines of other members that are connected.', ({ peers }) => peers)
  perGroup('engine_former_peers', 'Of these, engines of former members; they are cut off within minutes.', (one) => {
    return one.formerPeers
  })
  perGroup('engine_cut_offs', 'Restarts of this engine that ended connections to former members.', (one) => one.cutOffs)
  perGroup('engine_mempool', 'Transactions that wait, those of other members included.', ({ waiting }) => waiting)
  perGroup('validators_misbehaved', 'Members caught signing twice; anything but 0 is an alarm.', (one) => {
    return new Set(one.misbehaved.map(({ member }) => member)).size
  })
  gauge(registry, 'validator_late', '1 while the member does not sign blocks.', ['group', 'member'], (set) => {
    for (const [group, { validators }] of statuses(groups)) {
      for (const { member, isLate } of validators) set({ group, member }, Number(isLate))
    }
  })
}

type Status = NonNullable<ReturnType<GroupPlace['ledger']['consensus']>>

function* statuses(groups: Groups): Generator<readonly [string, Status]> {
  for (const [group, { ledger }] of groups) {
    const status = ledger.consensus()
    if (status !== undefined) yield [group, status]
  }
}
