/**
 * The home directory of a member's CometBFT (0.38): configuration, genesis and keys, written from what the group and the
 * member have settled. Configuration is written anew each time; genesis and keys may be written again but never changed;
 * what the validator has signed last is the engine's own, and touching it could make a member sign twice.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { PrivateJwk } from '@chengxin/crypto'
import { limits } from '@chengxin/kernel'
import type { QueueLimits } from '../queue.ts'
import type { EngineChain } from './driver.ts'
import type { EngineAddress } from './engine-client.ts'
import { handedInAtOnce } from './hand-in.ts'
import { parcelShare } from './mempool-mirror.ts'
import type { Validator } from './requests.ts'
import type { AbciAddress } from './server.ts'

type Ed25519PrivateJwk = Extract<PrivateJwk, { readonly crv: 'Ed25519' }>

export interface EngineKeys {
  /** Signs votes. Held by one running engine of one member, or it signs twice. */
  readonly validator: Ed25519PrivateJwk
  /** Proves to peers who is connecting. */
  readonly node: Ed25519PrivateJwk
}

export interface EnginePeer {
  readonly id: string
  readonly host: string
  readonly port: number
}

export interface EngineTiming {
  /** After a block, how long late votes are waited for. */
  readonly commitMs: number
  /** How often peers are told what they lack: the largest part of a block's time on a fast network. */
  readonly gossipMs: number
  /** How long a proposal is waited for; equal on all members, above what preparing and sending one takes. */
  readonly proposeMs: number
  /** An idle group makes a block this often. Far below the time that a transaction may be valid. */
  readonly heartbeatMs: number
}

export interface EngineHome {
  readonly directory: string
  /** A name for people, in logs. */
  readonly moniker: string
  readonly chain: EngineChain
  /** The first validators: the same, in the same order, on all members. */
  readonly validators: readonly Validator[]
  readonly keys: EngineKeys
  readonly abci: AbciAddress
  readonly rpc: EngineAddress
  /** Where peers connect to. */
  readonly listen: { readonly host: string; readonly port: number }
  readonly peers: readonly EnginePeer[]
  readonly queue: QueueLimits
  readonly timing?: Partial<EngineTiming>
  /** Whether all members run on this machine, as for a trial. */
  readonly isOneHost?: boolean
  /** Serves the engine's own metrics on this loopback port. */
  readonly metricsPort?: number
  /** The engine begins with a snapshot of others instead of the first block. */
  readonly stateSync?: StateSync
}

export interface StateSync {
  /** Where headers are asked for: members' engines, or their nodes in front of them. At least two. */
  readonly rpcServers: readonly string[]
  /** A block that this member knows to be the group's, and the hash of its header (hex). */
  readonly trustHeight: number
  readonly trustHash: string
}

export const defaultTiming: EngineTiming = { commitMs: 100, gossipMs: 10, proposeMs: 3_000, heartbeatMs: 30_000 }

/** Room beside the transactions for header, commit and evidence. */
const blockOverheadBytes = 512 * 1024

/** The id under which peers know an engine: of the public half of its node key. */
export function peerId(key: { readonly x: string }): string {
  return createHash('sha256').update(Buffer.from(key.x, 'base64url')).digest('hex').slice(0, 40)
}

/** Writes what is missing and renews the configuration. Throws if the directory is of another chain or other keys. */
export function writeEngineHome(home: EngineHome): void {
  const { directory, keys } = home
  for (const part of ['config', 'data']) fs.mkdirSync(join(directory, part), { recursive: true, mode: 0o700 })
  writeOnce(join(directory, 'config/genesis.json'), genesisText(home))
  writeOnce(join(directory, 'config/node_key.json'), jsonText({ priv_key: privateKey(keys.node) }))
  writeOnce(join(directory, 'config/priv_validator_key.json'), jsonText(validatorKey(keys.validator)))
  const state = join(directory, 'data/priv_validator_state.json')
  if (!fs.existsSync(state)) writeWhole(state, jsonText({ height: '0', round: 0, step: 0 }))
  writeWhole(join(directory, 'config/config.toml'), configText(home))
}

function genesisText({ chain, validators }: EngineHome): string {
  return jsonText({
    genesis_time: new Date(chain.genesisTimeMs).toISOString(),
    chain_id: chain.chainId,
    initial_height: '1',
    consensus_params: {
      block: { max_bytes: String(limits.blockBytes + blockOverheadBytes), max_gas: '-1' },
      evidence: { max_age_num_blocks: '100000', max_age_duration: '172800000000000', max_bytes: '65536' },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: '1' },
      abci: { vote_extensions_enable_height: '0' },
    },
    validators: validators.map(({ key, power }) => ({
      address: peerId({ x: key }).toUpperCase(),
      pub_key: publicKey(key),
      power: String(power),
      name: '',
    })),
    app_hash: '',
  })
}

function publicKey(key: string): object {
  return { type: 'tendermint/PubKeyEd25519', value: Buffer.from(key, 'base64url').toString('base64') }
}

function privateKey({ d, x }: Ed25519PrivateJwk): object {
  const value = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]).toString('base64')
  return { type: 'tendermint/PrivKeyEd25519', value }
}

function validatorKey(key: Ed25519PrivateJwk): object {
  return { address: peerId(key).toUpperCase(), pub_key: publicKey(key.x), priv_key: privateKey(key) }
}

type Toml = string | number | boolean

/** Only what differs from the engine's defaults, or must not follow them when they change. */
function configText(home: EngineHome): string {
  const { moniker, abci, rpc, listen, peers, queue, isOneHost = false, metricsPort } = home
  const timing = { ...defaultTiming, ...home.timing }
  const sections: Readonly<Record<string, Readonly<Record<string, Toml>>>> = {
    '': {
      proxy_app: 'path' in abci ? `unix://${abci.path}` : `tcp://${abci.host}:${abci.port}`,
      abci: 'socket',
      moniker,
      filter_peers: true,
      log_level: home.stateSync === undefined ? 'error' : 'statesync:info,*:error',
      log_format: 'plain',
    },
    rpc: {
      laddr: 'socketPath' in rpc ? `unix://${rpc.socketPath}` : `tcp://${rpc.host}:${rpc.port}`,
      unsafe: false,
      max_request_batch_size: handedInAtOnce,
    },
    p2p: {
      laddr: `tcp://${listen.host}:${listen.port}`,
      persistent_peers: peers.map(({ id, host, port }) => `${id}@${host}:${port}`).join(),
      pex: false,
      // Members may be on a private network: who they are is proved by their keys.
      addr_book_strict: false,
      allow_duplicate_ip: isOneHost,
      flush_throttle_timeout: milliseconds(timing.gossipMs),
      send_rate: 20_000_000,
      recv_rate: 20_000_000,
      // A peer that was away must be found again soon, however long it was away.
      persistent_peers_max_dial_period: '5s',
    },
    mempool: {
      type: 'flood',
      recheck: true,
      broadcast: true,
      // Above the bounds of our own queue, which decides by sponsor who may still enter.
      size: queue.transactions * 2,
      max_txs_bytes: queue.bytes * (1 + parcelShare),
      cache_size: queue.transactions * 4,
      max_tx_bytes: limits.transactionBytes + 1024,
    },
    statesync: stateSyncSection(home),
    consensus: {
      create_empty_blocks: false,
      create_empty_blocks_interval: milliseconds(timing.heartbeatMs),
      timeout_propose: milliseconds(timing.proposeMs),
      timeout_commit: milliseconds(timing.commitMs),
      peer_gossip_sleep_duration: milliseconds(timing.gossipMs),
    },
    // Results are needed to replay after a crash between block and state.
    storage: { discard_abci_responses: false },
    tx_index: { indexer: 'null' },
    instrumentation:
      metricsPort === undefined
        ? { prometheus: false }
        : { prometheus: true, prometheus_listen_addr: `127.0.0.1:${metricsPort}` },
  }
  const lines: string[] = []
  for (const [name, values] of Object.entries(sections)) {
    if (name !== '') lines.push('', `[${name}]`)
    for (const [key, value] of Object.entries(values)) lines.push(`${key} = ${JSON.stringify(value)}`)
  }
  return `${lines.join('\n')}\n`
}

/**
 * Members are not validators that could sell their stake: a header that the group has signed is trusted however old it is.
 */
const trustPeriod = '87600h0m0s'

function stateSyncSection({ stateSync, directory }: EngineHome): Readonly<Record<string, Toml>> {
  if (stateSync === undefined) return { enable: false }
  return {
    enable: true,
    rpc_servers: stateSync.rpcServers.join(),
    trust_height: stateSync.trustHeight,
    trust_hash: stateSync.trustHash,
    trust_period: trustPeriod,
    discovery_time: '5s',
    chunk_request_timeout: '10s',
    temp_dir: join(directory, 'data'),
  }
}

function milliseconds(count: number): string {
  return `${count}ms`
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function writeOnce(path: string, text: string): void {
  if (!fs.existsSync(path)) writeWhole(path, text)
  else if (fs.readFileSync(path, 'utf8') !== text) {
    throw new Error(`${path} is of another chain or has other keys than those given.`)
  }
}

/** A file that is there is whole, whenever the machine stops. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`
  fs.writeFileSync(draft, text, { mode: 0o600, flush: true })
  fs.renameSync(draft, path)
}
