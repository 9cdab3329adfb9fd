/**
 * The sample city on a whole node inside this process: real ledger, real rules, real read model, real API, without a
 * build, threads or a socket. For tests of what talks to a node.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNodeClient, type NodeClient } from '@chengxin/client'
import { createSigner, generatePrivateJwk } from '@chengxin/crypto/node'
import { presentations, ruleset } from '@chengxin/domains/ruleset'
import { canonicalize, type Hash } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import type { GenesisDocument } from '@chengxin/module-kit'
import { createEventDecoder, openProjection } from '@chengxin/projection'
import { Witnessing } from '@chengxin/services/witness'
import { parseGenesis } from '../../apps/node/src/genesis-file.ts'
import { sampleGenesis, sampleNodeMember } from '../../apps/node/src/sample-city/genesis.ts'
import type { OpenDesks } from '../../apps/node/src/serving/desks.ts'
import { injectFetch } from '../../apps/node/src/serving/inject-fetch.ts'
import { createNodeApi } from '../../apps/node/src/serving/node-api.ts'
import { ownLog } from '../../apps/node/src/witness/own-log.ts'
import { openInlineLedger } from '../../packages/ledger/src/pipeline/open-ledger.ts'
import { rulesHost } from '../../packages/testkit/src/rules-host.ts'

export interface SampleNode {
  readonly node: NodeClient
  readonly ledger: Ledger
  /** A request to the node, without a socket. */
  readonly send: typeof fetch
  /** A directory of the test's own, removed with the node. */
  readonly directory: string
  /** A client whose requests pass through a function first, which may drop them or their answers. */
  clientThrough(fetchThrough: (send: typeof fetch) => typeof fetch): NodeClient
  close(): Promise<void>
}

const url = 'http://localhost:8080'

export interface SampleNodeOptions {
  /** What the genesis says otherwise: another group of the same deployment, say. */
  readonly genesis?: Partial<GenesisDocument>
  /** Offices with desks on this node; they reach the ledger through `node`. */
  readonly desks?: (node: NodeClient, groupId: string) => Promise<Omit<OpenDesks, 'begin'>>
}

export async function openSampleNode(options: SampleNodeOptions = {}): Promise<SampleNode> {
  const directory = await mkdtemp(join(tmpdir(), 'sample-node-'))
  const memberKeys = { log: generatePrivateJwk('EdDSA'), cosigner: generatePrivateJwk('EdDSA') }
  const hash = `${'A'.repeat(42)}A` as Hash
  const text = sampleGenesis({ publicUrl: url, atMs: Date.now(), ruleset: { version: '1.0.0', hash }, memberKeys })
  const changed = canonicalize({ ...(JSON.parse(text) as Partial<GenesisDocument>), ...options.genesis })
  const { document } = parseGenesis(changed, 'genesis.json')
  const ledger = await openInlineLedger({
    directory: join(directory, 'group'),
    // Asked anew each time, so that a test may turn the clock.
    clock: () => Date.now(),
    genesis: document,
    keys: {
      log: createSigner(memberKeys.log) as never,
      cosigner: { ...createSigner(memberKeys.cosigner), memberId: sampleNodeMember } as never,
    },
    rulesets: [{ ruleset, hash }],
    host: rulesHost(document.chainId),
  })
  const projection = await openProjection({
    source: {
      groupId: ledger.groupId,
      headHeight: () => ledger.head().height,
      agreedHash: (height) => ledger.block(height)?.agreedHash,
      blocks: (fromHeight, signal) => ledger.blocks(fromHeight, signal),
    },
    presentations,
    decodeEvent: createEventDecoder(ruleset.domains),
    database: { kind: 'pglite', directory: 'memory://', run: 'inline' },
  })
  const witnessing = await Witnessing.start({
    log: ownLog(ledger, sampleNodeMember),
    directory: join(directory, 'witness'),
    version: '0.0.0',
    peers: [],
    notice: (_level, facts, sentence) => console.error(sentence, facts),
  })
  const silent = {
    info: () => {},
    warn: () => {},
    error: (facts: object, message: string) => console.error(message, facts),
  }
  // Desks use the node's own door, which opens once they are there.
  const door: { send?: typeof fetch } = {}
  const node = createNodeClient({ url, fetch: (...call) => (door.send ?? notYet)(...call) })
  const desks = await options.desks?.(node, ledger.groupId)
  const api = createNodeApi({
    groups: [
      { name: 'sample-city', memberId: sampleNodeMember, ledger, projection, witnessing, close: async () => {} },
    ],
    ...(desks && { desks }),
    publicUrl: url,
    documentsDirectory: join(directory, 'documents'),
    portalDirectory: join(directory, 'portal'),
    samples: () => undefined,
    log: silent,
    version: '0.0.0',
  })
  const send = injectFetch(api)
  door.send = send
  return {
    node,
    ledger,
    send,
    directory,
    clientThrough: (fetchThrough) => createNodeClient({ url, fetch: fetchThrough(send), patienceMs: 2_000 }),
    async close() {
      await desks?.close()
      await api.close()
      await witnessing.close()
      await projection.close()
      await ledger.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function notYet(): never {
  throw new Error('The node is not open yet.')
}
