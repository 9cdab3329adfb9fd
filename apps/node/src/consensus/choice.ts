/** From a group's `ordering.json` to the ordering that its ledger is opened with. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConsensusChoice, type EngineKeys, findEngine } from '@chengxin/ledger'
import type { GenesisDocument } from '@chengxin/module-kit'
import type { GroupPaths } from '../data-directory.ts'
import { OrderingFault, type OrderingFile } from './ordering-file.ts'

export interface ChoiceOptions {
  readonly group: GroupPaths
  readonly genesis: GenesisDocument
  readonly ordering: OrderingFile
  readonly keys: EngineKeys
  readonly memberId: string
  readonly environment: NodeJS.ProcessEnv
  readonly onLine: (line: string) => void
}

/** Throws `OrderingFault` where the engine is not installed, or the group knows another validator key of this member. */
export function consensusChoice(options: ChoiceOptions): ConsensusChoice {
  const { group, genesis, ordering, keys, memberId, environment, onLine } = options
  const found = findEngine(ordering.engine === undefined ? environment : { CHENGXIN_COMETBFT: ordering.engine })
  if ('missing' in found) throw new OrderingFault(found.missing)
  // A key that replaced the first is known to the others by a change that the committee passed.
  if (ordering.validator === undefined) holdToGenesisKey(genesis, memberId, keys)
  const { listen, peers, timing, isOneHost, metricsPort } = ordering
  return {
    engine: `CometBFT ${found.version}`,
    abci: { path: socketPath(group.directory, 'abci.sock') },
    rpc: { socketPath: socketPath(group.directory, 'rpc.sock') },
    peers: peers.map(({ id }) => id),
    run: {
      path: found.path,
      home: {
        directory: join(group.directory, 'engine'),
        moniker: memberId,
        keys,
        listen,
        peers,
        ...(timing && { timing }),
        ...(isOneHost !== undefined && { isOneHost }),
        ...(metricsPort !== undefined && { metricsPort }),
      },
      onLine,
    },
  }
}

/** A founder that votes with a key the others do not know would be counted as absent, and never learn why. */
function holdToGenesisKey({ members }: GenesisDocument, memberId: string, { validator }: EngineKeys): void {
  const stated = members.find((member) => member.memberId === memberId)?.validatorKey
  if (stated === undefined || stated.x === validator.x) return
  throw new OrderingFault(
    `The genesis names another validator key of ${memberId} than the one in this node's keystore.`,
  )
}

/** Unix sockets have short names: where a data directory lies too deep, they lie beside it in the system's place. */
const longestSocketPath = 100

function socketPath(directory: string, name: string): string {
  const path = join(directory, name)
  if (path.length <= longestSocketPath) return path
  const place = join(tmpdir(), `chengxin-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  return join(place, name)
}
