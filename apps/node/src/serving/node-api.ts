/** The API of this node: what domains, ledgers and read models offer, put together. */
import { type ApiLog, createApi, type SampleFiles, type WitnessDesk } from '@chengxin/api'
import { sampleChainId } from '@chengxin/client'
import { createVerifier } from '@chengxin/crypto/node'
import { presentations, ruleset } from '@chengxin/domains/ruleset'
import type { Ledger } from '@chengxin/ledger/face'
import { admissionRefusals, nodeRefusals, type Refusals } from '@chengxin/module-kit'
import type { GroupOnNode } from '../open-group.ts'
import { programVersion } from '../program-version.ts'
import type { SampleFile } from '../sample-city/sample-files.ts'
import type { OpenDesks } from './desks.ts'
import { bundleRefusals, openDocuments, statusLists } from './documents.ts'
import { identities, readerChecks } from './identities.ts'
import { searchByName } from './search.ts'

export interface NodeApiOptions {
  readonly groups: readonly GroupOnNode[]
  readonly publicUrl: string
  readonly trustedProxies?: readonly string[]
  readonly documentsDirectory: string
  readonly portalDirectory: string
  readonly desks?: Pick<OpenDesks, 'endpoints' | 'refusals'>
  /** Present where this node is a witness of other logs. */
  readonly witnessDesk?: WitnessDesk
  readonly samples: () => readonly SampleFile[] | undefined
  readonly log: ApiLog
  /** The program's own if absent. */
  readonly version?: string
}

/** A server that is not listening yet. */
export type Api = ReturnType<typeof createApi>

export function createNodeApi(options: NodeApiOptions): Api {
  const { groups, publicUrl, documentsDirectory, portalDirectory, log } = options
  const projections = new Map(groups.map(({ ledger, projection }) => [ledger.groupId, projection]))
  const city = groups.find(({ ledger }) => ledger.genesis.chainId === sampleChainId)
  return createApi({
    ledgers: groups.map(({ ledger }) => ledger),
    projections,
    witnessing: new Map(groups.map(({ ledger, witnessing }) => [ledger.groupId, witnessing])),
    ...(options.witnessDesk && { witnessDesk: options.witnessDesk }),
    presentations,
    transactions: ruleset.domains.flatMap(({ verbs }) => verbs.map(({ transaction }) => transaction)),
    refusals: { ...refusals(), ...options.desks?.refusals },
    publicUrl,
    trustedProxies: options.trustedProxies ?? [],
    version: options.version ?? programVersion(),
    log,
    documents: openDocuments(documentsDirectory, projections),
    readers: readerChecks(ruleset, createVerifier().verify),
    identities,
    countMembers,
    namedDocuments: [statusLists],
    searches: [searchByName],
    furtherEndpoints: options.desks?.endpoints ?? [],
    portalDirectory,
    ...(city === undefined ? {} : { sample: () => sampleFiles(options.samples(), city.ledger.groupId) }),
  })
}

function refusals(): Refusals {
  const ofDomains = ruleset.domains.map((domain) => domain.refusals)
  return Object.assign({ ...admissionRefusals, ...nodeRefusals, ...bundleRefusals }, ...ofDomains) as Refusals
}

/** Members that have not been removed. */
function countMembers(ledger: Ledger): number {
  const row = ledger.row('governance/group', 'group') as { readonly memberIds: readonly string[] } | undefined
  return row?.memberIds.length ?? ledger.genesis.members.length
}

function sampleFiles(files: readonly SampleFile[] | undefined, groupId: string): SampleFiles | undefined {
  return files && { files, bundleUrl: `/v1/groups/${groupId}/trust-bundle` }
}
