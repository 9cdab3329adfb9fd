/**
 * `peers.json` in a group's folder: where nodes of other members are reached, and which outside witnesses are asked. It
 * is this member's own affair and stands on no ledger: an address changes without a vote, and nothing is believed for
 * where it came from.
 */
import { readFile } from 'node:fs/promises'
import { parseVkey } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import type { OutsideWitness, Peer } from '@chengxin/services/witness'

export interface PeersFile {
  readonly peers: readonly Peer[]
  readonly witnesses: readonly OutsideWitness[]
}

export class PeersFault extends Error {
  override readonly name = 'PeersFault'
}

const most = 64

/** Nobody where there is no file. Throws `PeersFault` with the place of the first mistake. */
export async function readPeers(file: string): Promise<PeersFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { peers: [], witnesses: [] }
    throw error
  }
  return parsePeers(text, file)
}

/** The file that names these nodes and asks no witness. */
export function encodePeers(peers: readonly Peer[]): string {
  return `${JSON.stringify({ peers }, undefined, 2)}\n`
}

export function parsePeers(text: string, file: string): PeersFile {
  const fail = (sentence: string) => new PeersFault(`${file}: ${sentence}.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw fail('this is not JSON')
  }
  if (!isObject(value)) throw fail('it should be an object')
  const { peers = [], witnesses = [], ...others } = value
  const [strange] = Object.keys(others)
  if (strange !== undefined) throw fail(`${strange} is not known here`)
  if (!isListOf(peers, isPeer)) throw fail('peers should be a list of {"memberId", "nodeUrl"}, each member once')
  if (!isListOf(witnesses, isWitness)) throw fail('witnesses should be a list of {"url", "vkey"} of cosigners')
  return { peers, witnesses: witnesses.map(({ url, vkey }) => ({ url, key: witnessKey(vkey, fail) })) }
}

function witnessKey(vkey: string, fail: (sentence: string) => Error): OutsideWitness['key'] {
  const key = parseVkey(sha256, vkey)
  if (isRefusal(key)) throw fail(`the key ${vkey} cannot be read (${key.refused})`)
  if (key.type !== 0x04) throw fail(`the key ${vkey} is not that of a cosigner`)
  return key
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.length <= most && value.every(is)
}

function isPeer(value: unknown): value is Peer {
  return (
    isObject(value) && hasOnly(value, ['memberId', 'nodeUrl']) && isWord(value['memberId']) && isUrl(value['nodeUrl'])
  )
}

function isWitness(value: unknown): value is { readonly url: string; readonly vkey: string } {
  return isObject(value) && hasOnly(value, ['url', 'vkey']) && isUrl(value['url']) && typeof value['vkey'] === 'string'
}

function hasOnly(value: object, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name))
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && /^member_[A-Za-z0-9_-]{1,64}$/.test(value)
}

function isUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, search, hash, username } = new URL(value)
  return ['http:', 'https:'].includes(protocol) && `${search}${hash}${username}` === ''
}
