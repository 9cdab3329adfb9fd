/**
 * `ordering.json` in a group's folder: how this member takes part in ordering. Without the file one process orders alone.
 * It says what is this member's own affair, addresses and paces; who validates stands in the genesis and then on the ledger.
 */
import { readFile } from 'node:fs/promises'
import type { EnginePeer, EngineTiming } from '@chengxin/ledger'

export interface OrderingFile {
  readonly driver: 'cometbft'
  /** Which member this node is, where it joined a group that others had founded; founders are known by their log keys. */
  readonly member?: string
  /** The program; looked for on this machine if absent. */
  readonly engine?: string
  /** Where engines of other members connect to. */
  readonly listen: { readonly host: string; readonly port: number }
  readonly peers: readonly EnginePeer[]
  readonly timing?: Partial<EngineTiming>
  /** Whether all members run on this machine, as for a trial. */
  readonly isOneHost?: boolean
  /** Serves the engine's own metrics on this loopback port. */
  readonly metricsPort?: number
  /** The name of the voting key in this node's keystore, where it is no longer the first. */
  readonly validator?: string
}

export class OrderingFault extends Error {
  override readonly name = 'OrderingFault'
}

/** Undefined where there is no file. Throws `OrderingFault` with the place of the first mistake. */
export async function readOrdering(file: string): Promise<OrderingFile | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return parseOrdering(text, file)
}

type Check = (value: unknown) => boolean
type Shape = { readonly [name: string]: Check }

export function parseOrdering(text: string, file: string): OrderingFile {
  const fail = (sentence: string) => new OrderingFault(`${file}: ${sentence}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw fail('this is not JSON.')
  }
  const at = wrongAt(value, fileShape, ['driver', 'listen', 'peers'])
  if (at === undefined) return value as OrderingFile
  throw fail(`${at === '' ? 'it should be an object' : `${at} ${expected[at] ?? 'is not known here'}`}.`)
}

/** The first member that is missing, unknown or wrong; nothing where all is well. */
function wrongAt(value: unknown, shape: Shape, needed: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ''
  const members = value as { readonly [name: string]: unknown }
  return (
    needed.find((name) => !Object.hasOwn(members, name)) ??
    Object.keys(members).find((name) => !(Object.hasOwn(shape, name) && shape[name]?.(members[name])))
  )
}

const isWhole = (value: unknown, min: number, max: number) =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
const isPort: Check = (value) => isWhole(value, 1, 65_535)
const isHost: Check = (value) => typeof value === 'string' && /^[0-9A-Za-z.:-]{1,253}$/.test(value)
const isShaped = (value: unknown, shape: Shape, needed: readonly string[]) =>
  wrongAt(value, shape, needed) === undefined
const isPause: Check = (value) => isWhole(value, 1, 600_000)

const addressShape: Shape = { host: isHost, port: isPort }
const peerShape: Shape = {
  ...addressShape,
  id: (value) => typeof value === 'string' && /^[0-9a-f]{40}$/.test(value),
}
const timingShape: Shape = { commitMs: isPause, gossipMs: isPause, proposeMs: isPause, heartbeatMs: isPause }

const fileShape: Shape = {
  driver: (value) => value === 'cometbft',
  member: (value) => typeof value === 'string' && /^member_[a-z0-9][a-z0-9_-]{0,56}$/.test(value),
  engine: (value) => typeof value === 'string' && value !== '',
  listen: (value) => isShaped(value, addressShape, ['host', 'port']),
  peers: (value) =>
    Array.isArray(value) &&
    value.length <= 64 &&
    value.every((peer) => isShaped(peer, peerShape, ['id', 'host', 'port'])),
  timing: (value) => isShaped(value, timingShape, []),
  isOneHost: (value) => typeof value === 'boolean',
  metricsPort: isPort,
  validator: (value) => typeof value === 'string' && /^validator-[1-9]\d{0,3}$/.test(value),
}

const expected: { readonly [at: string]: string } = {
  driver: 'should be "cometbft"; without this file one process orders alone',
  member: 'should be the id of a member, such as member_bank',
  engine: 'should be the path of the program cometbft',
  listen: 'should be {"host", "port"}, where engines of other members connect to',
  peers: 'should be a list of at most 64 {"id": 40 hexadecimal digits, "host", "port"}',
  timing: 'should have commitMs, gossipMs, proposeMs or heartbeatMs, each 1 to 600000',
  isOneHost: 'should be true or false',
  metricsPort: 'should be a port',
  validator: 'should be the name of a voting key, such as validator-2, which consortium rotate sets',
}
