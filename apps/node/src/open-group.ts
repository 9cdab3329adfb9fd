/** One group on this node: its ledger, and the read model that follows it. */
import { join } from 'node:path'
import { createSigner } from '@chengxin/crypto/node'
import { presentations, ruleset } from '@chengxin/domains/ruleset'
import { type CheckpointKeys, type ConsensusChoice, type EngineKeys, type Ledger, openLedger } from '@chengxin/ledger'
import type { GenesisDocument } from '@chengxin/module-kit'
import { createEventDecoder, openProjection, type Projection } from '@chengxin/projection'
import { type Peer, Witnessing } from '@chengxin/services/witness'
import type { Settings } from './config.ts'
import { consensusChoice } from './consensus/choice.ts'
import { type OrderingFile, readOrdering } from './consensus/ordering-file.ts'
import type { DataPaths } from './data-directory.ts'
import { type Genesis, GenesisFault, readGenesis } from './genesis-file.ts'
import type { InstalledRuleset } from './installed-ruleset.ts'
import { fillHistory } from './joining/fill-history.ts'
import { joinFromSnapshot } from './joining/join-group.ts'
import { openJoiningDoor } from './joining/joining-door.ts'
import { JoiningFault, knownMembers, readJoining } from './joining/joining-file.ts'
import { MemberNode } from './joining/member-node.ts'
import { readTokens } from './joining/read-tokens.ts'
import type { Log } from './log.ts'
import type { MemberKeys } from './member-keys.ts'
import { programVersion } from './program-version.ts'
import { ownLog } from './witness/own-log.ts'
import { readPeers } from './witness/peers-file.ts'

export interface GroupOnNode {
  readonly name: string
  /** The member that this node is. */
  readonly memberId: string
  readonly ledger: Ledger
  readonly projection: Projection
  readonly witnessing: Witnessing
  close(): Promise<void>
}

export interface OpenGroupOptions {
  readonly name: string
  readonly paths: DataPaths
  readonly settings: Settings
  readonly installed: InstalledRuleset
  readonly memberKeys: MemberKeys
  /** Opens further keys of this node. */
  readonly passphrase: string | undefined
  /** Opens the keys of an engine, where the group has one. */
  readonly engineKeys: (validatorName: string | undefined) => Promise<EngineKeys>
  readonly environment: NodeJS.ProcessEnv
  readonly log: Log
}

export async function openGroup(options: OpenGroupOptions): Promise<GroupOnNode> {
  const { name, paths, settings, installed, memberKeys, log } = options
  const { directory, genesis: file } = paths.group(name)
  const genesis = await readGenesis(file)
  if (genesis === undefined) throw new GenesisFault(`${file} is missing; restore it from another member.`)
  const ordering = await readOrdering(paths.group(name).ordering)
  const keys = checkpointKeys(genesis.document, memberKeys, ordering?.member, file)
  const { memberId } = keys.cosigner
  const consensus = ordering && (await consensusOf(options, genesis.document, ordering, memberId))
  const nodes = memberNodes(genesis, memberId, (await readPeers(paths.group(name).peers)).peers, options)
  await joinIfAsked(genesis, memberId, consensus, nodes, options)
  const ledger = await openLedger({
    directory,
    genesis: genesis.document,
    keys,
    rulesetBundle: installed.text,
    onStopped: ({ code, sentence }) => log.fatal({ group: name, code }, `The ledger has stopped. ${sentence ?? ''}`),
    onAlarm: ({ code, sentence }) => log.error({ group: name, code }, sentence),
    snapshots: settings.snapshots,
    ...(consensus && { consensus }),
    ...(settings.admissionThreads === undefined ? {} : { admissionThreads: settings.admissionThreads }),
  })
  const projection = await followLedger(ledger, options)
  const witnessing = await openWitnessing(ledger, memberId, options)
  ledger.followOthers(() => witnessing.group.othersHeight())
  const filling = startFilling(ledger, nodes, options)
  return {
    name,
    memberId,
    ledger,
    projection,
    witnessing,
    async close() {
      await filling.stop()
      await witnessing.close()
      await projection.close()
      await ledger.close()
    },
  }
}

async function consensusOf(
  { name, paths, engineKeys, environment, log }: OpenGroupOptions,
  genesis: GenesisDocument,
  ordering: OrderingFile,
  memberId: string,
): Promise<ConsensusChoice> {
  const group = paths.group(name)
  const keys = await engineKeys(ordering.validator)
  const onLine = (line: string) => log.info({ group: name, engine: line }, 'The engine says')
  return consensusChoice({ group, genesis, ordering, keys, memberId, environment, onLine })
}

type NodesOf = { readonly list: readonly MemberNode[]; readonly stop: AbortController }

function memberNodes(
  genesis: Genesis,
  memberId: string,
  peers: readonly Peer[],
  { paths, passphrase }: OpenGroupOptions,
): NodesOf {
  const stop = new AbortController()
  const { groupId, document } = genesis
  const token = document.readPolicy === 'members' ? readTokens(paths.keys, groupId, passphrase) : undefined
  const list = peers
    .filter((peer) => peer.memberId !== memberId)
    .map((peer) => new MemberNode({ ...peer, groupId, signal: stop.signal, ...(token && { token }) }))
  return { list, stop }
}

/** Begins with a snapshot where that was asked for and has not been done. */
async function joinIfAsked(
  genesis: Genesis,
  memberId: string,
  consensus: ConsensusChoice | undefined,
  nodes: NodesOf,
  { name, paths, settings, log }: OpenGroupOptions,
): Promise<void> {
  const group = paths.group(name)
  const handed = await readJoining(group)
  if (handed === undefined) return
  if (consensus === undefined) throw new JoiningFault(`${group.joining}: one process that orders alone joins nobody.`)
  const known = knownMembers(genesis.document, handed, memberId)
  const stop = () => nodes.stop.abort()
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const door = await openJoiningDoor({ host: settings.host, port: settings.port, group: name })
  try {
    await joinFromSnapshot({
      group,
      genesis,
      consensus,
      known,
      nodes: nodes.list,
      tell: (sentence) => {
        console.log(sentence)
        log.info({ group: name }, sentence)
        door.say(sentence)
      },
      onStep: (step) => log.info({ group: name, ...step }, 'A step of joining'),
      signal: nodes.stop.signal,
    })
  } finally {
    await door.close()
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
  }
}

/** Fetches what is lacking of the log, beside everything else. */
function startFilling(ledger: Ledger, { list: nodes, stop }: NodesOf, { name, log }: OpenGroupOptions) {
  const isWhole = ledger.archive.lacking() === undefined
  const done = isWhole
    ? Promise.resolve()
    : fillHistory({
        archive: ledger.archive,
        nodes,
        signal: stop.signal,
        notice: (level, facts, sentence) => log[level]({ group: name, ...facts }, sentence),
      })
  return {
    stop: async () => {
      stop.abort()
      await done
    },
  }
}

async function openWitnessing(
  ledger: Ledger,
  memberId: string,
  { name, paths, log }: OpenGroupOptions,
): Promise<Witnessing> {
  const group = paths.group(name)
  return Witnessing.start({
    log: ownLog(ledger, memberId),
    directory: group.witness,
    version: programVersion(),
    ...(await readPeers(group.peers)),
    notice: (level, facts, sentence) => log[level]({ group: name, ...facts }, sentence),
  })
}

/** This node is the founder whose log key it has, or the member that it says it is: others believe it by its keys. */
function checkpointKeys(
  { members }: GenesisDocument,
  keys: MemberKeys,
  stated: string | undefined,
  file: string,
): Required<CheckpointKeys> {
  const log = createSigner(keys.log)
  const memberId = members.find(({ logKey }) => logKey.x === log.jwk.x)?.memberId ?? stated
  if (memberId === undefined) throw new GenesisFault(`No member in ${file} has the log key of this node's keystore.`)
  const cosigner = createSigner(keys.cosigner)
  if (log.jwk.crv !== 'Ed25519' || cosigner.jwk.crv !== 'Ed25519') throw new GenesisFault('Log keys are Ed25519 keys.')
  return {
    log: { jwk: log.jwk, sign: log.sign },
    cosigner: { jwk: cosigner.jwk, sign: cosigner.sign, memberId },
  }
}

function followLedger(
  ledger: Ledger,
  { name, paths, settings, installed, log }: OpenGroupOptions,
): Promise<Projection> {
  const { databaseUrl } = settings
  return openProjection({
    source: {
      groupId: ledger.groupId,
      headHeight: () => ledger.head().height,
      agreedHash: (height) => ledger.block(height)?.agreedHash,
      blocks: (fromHeight, signal) => ledger.blocks(fromHeight, signal),
    },
    presentations,
    decodeEvent: createEventDecoder(ruleset.domains),
    database:
      databaseUrl === undefined
        ? { kind: 'pglite', directory: join(paths.readModel, name) }
        : { kind: 'postgresql', url: databaseUrl },
    revision: installed.presentation,
    notice: (level, sentence) => log[level]({ group: name }, sentence),
  })
}
