/** Measurements for Prometheus. Labels come from closed sets — groups, codes, route patterns — never from a request. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { measureConsensus } from './consensus-metrics.ts'
import type { GroupPlace } from './endpoint.ts'
import { gauge, gaugePerGroup } from './gauge.ts'
import type { LiveStreams } from './live-streams.ts'
import type { ConsortiumFacts } from './options.ts'
import type { RefusalCatalogue } from './refusals.ts'
import { measureSnapshots } from './snapshot-metrics.ts'

export interface Metrics {
  readonly mediaType: string
  text(): Promise<string>
  observeRequest(method: string, route: string, status: number, seconds: number): void
}

const states = ['current', 'catching_up', 'rebuilding', 'failed'] as const

export function createMetrics(
  groups: ReadonlyMap<string, GroupPlace>,
  streams: LiveStreams,
  catalogue: RefusalCatalogue,
): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'chengxin_http_request_seconds',
    help: 'Time from request to answer, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  gauge(registry, 'live_streams', 'Readers of live blocks.', [], (set) => set({}, streams.count()))
  gaugePerGroup(registry, groups, 'ledger_height', 'Height of the newest block.', ({ ledger }) => ledger.head().height)
  gaugePerGroup(registry, groups, 'ledger_leaves', 'Leaves in the log.', ({ ledger }) => ledger.head().size)
  gaugePerGroup(registry, groups, 'ledger_up', '1 while the ledger takes transactions.', ({ ledger }) =>
    ledger.health().status === 'ok' ? 1 : 0,
  )
  gaugePerGroup(
    registry,
    groups,
    'ledger_queued',
    'Transactions accepted and not yet in a block.',
    ({ ledger }) => ledger.stats().queued,
  )
  gaugePerGroup(registry, groups, 'ledger_queue_limit', 'How many may wait.', ({ ledger }) => ledger.stats().queueLimit)
  gaugePerGroup(
    registry,
    groups,
    'projection_height',
    'The last block in the read model.',
    ({ projection }) => projection.status().height,
  )
  gaugePerGroup(
    registry,
    groups,
    'projection_lag_blocks',
    'Blocks the read model is behind.',
    ({ projection }) => projection.status().lagBlocks,
  )
  gaugePerGroup(
    registry,
    groups,
    'projection_lag_seconds',
    'How long the oldest unfolded block waits.',
    ({ projection }) => projection.status().lagMs / 1000,
  )
  measureSnapshots(registry, groups)
  showWitnessing(registry, groups)
  showStates(registry, groups)
  countOutcomes(registry, groups, catalogue)
  measureConsensus(registry, groups)

  return {
    mediaType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest: (method, route, status, seconds) => {
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds)
    },
  }
}

/** How far the members are that witness the log with this node, and whether it has told two stories. */
function showWitnessing(registry: Registry, groups: ReadonlyMap<string, GroupPlace>): void {
  gaugePerGroup(
    registry,
    groups,
    'log_contradictions',
    'Proofs kept that the log has told two stories; anything but 0 is an alarm.',
    ({ witnessing }) => witnessing?.contradictions().length ?? 0,
  )
  gaugePerGroup(
    registry,
    groups,
    'quorum_lag_leaves',
    'Leaves that no quorum of members has cosigned yet.',
    ({ witnessing }) => {
      if (witnessing === undefined) return 0
      const { size, quorum } = witnessing.consortium()
      return size - (quorum.size ?? 0)
    },
  )
  const perMember = (name: string, help: string, valueOf: (member: ConsortiumFacts['members'][number]) => number) =>
    gauge(registry, name, help, ['group', 'member'], (set) => {
      for (const [group, { witnessing }] of groups) {
        for (const member of witnessing?.consortium().members ?? []) {
          set({ group, member: member.memberId }, valueOf(member))
        }
      }
    })
  const isHeard = ({ contact }: { readonly contact: string }) => (contact === 'self' || contact === 'heard' ? 1 : 0)
  perMember('member_heard', '1 while the member’s node answers this one.', isHeard)
  perMember(
    'member_lag_leaves',
    'Leaves by which the member was behind when it was last heard.',
    (m) => m.lagLeaves ?? 0,
  )
}

function showStates(registry: Registry, groups: ReadonlyMap<string, GroupPlace>): void {
  gauge(registry, 'projection_state', '1 for the state that the read model is in.', ['group', 'state'], (set) => {
    for (const [group, { projection }] of groups) {
      const now = projection.status().state
      for (const state of states) set({ group, state }, now === state ? 1 : 0)
    }
  })
}

/** The ledger counts by itself since it was opened; here its counts are only shown. */
function countOutcomes(registry: Registry, groups: ReadonlyMap<string, GroupPlace>, catalogue: RefusalCatalogue): void {
  registry.registerMetric(
    new Counter({
      name: 'chengxin_transactions_total',
      help: 'Outcomes since the node started; rejected ones by code.',
      labelNames: ['group', 'outcome', 'code'],
      registers: [],
      collect() {
        this.reset()
        for (const [group, { ledger }] of groups) {
          const { committed, refused, rejected } = ledger.stats()
          this.inc({ group, outcome: 'committed', code: '' }, committed)
          this.inc({ group, outcome: 'refused', code: '' }, refused)
          for (const [code, count] of Object.entries(rejected)) {
            const known = Object.hasOwn(catalogue.all, code) ? code : 'other'
            this.inc({ group, outcome: 'rejected', code: known }, count)
          }
        }
      },
    }),
  )
}
