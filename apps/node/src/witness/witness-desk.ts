/**
 * `witness.json` in the data directory makes this node a witness of other logs: its name, and for each log its origin and
 * keys. It signs with a key of its own, made at the first start, that does nothing else.
 */
import { readFile } from 'node:fs/promises'
import { createNoteKey, encodeVkey, isNoteKeyName, type NoteKey, noteSignatureTypes, parseVkey } from '@chengxin/crypto'
import { createSigner, createVerifier, sha256 } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import { keptInFile } from '@chengxin/services'
import { type WatchedLog, WitnessDesk, type WitnessedLogs } from '@chengxin/services/witness'
import type { DataPaths } from '../data-directory.ts'
import { openOrMakeKey } from '../member-keys.ts'
import { PeersFault } from './peers-file.ts'

export interface WitnessFile {
  readonly name: string
  readonly logs: readonly WatchedLog[]
}

export interface OpenedDesk {
  readonly desk: WitnessDesk
  /** What logs are told to expect the cosignatures of. */
  readonly vkey: string
}

/** The desk, or undefined where the node is no witness. */
export async function openWitnessDesk(
  paths: Pick<DataPaths, 'witness' | 'witnessed' | 'keys'>,
  passphrase: string | undefined,
): Promise<OpenedDesk | undefined> {
  const file = await readWitnessFile(paths.witness)
  if (file === undefined) return undefined
  const { jwk, sign } = createSigner(await openOrMakeKey(paths.keys, 'witness', passphrase))
  if (jwk.crv !== 'Ed25519') throw new PeersFault('The key of a witness is an Ed25519 key.')
  const key = createNoteKey(sha256, file.name, noteSignatureTypes.cosignature, jwk)
  const desk = new WitnessDesk({
    signer: { key, sign },
    logs: file.logs,
    kept: keptInFile<WitnessedLogs>(paths.witnessed),
    verify: createVerifier().verify,
    nowMs: Date.now,
  })
  return { desk, vkey: encodeVkey(key) }
}

async function readWitnessFile(file: string): Promise<WitnessFile | undefined> {
  try {
    return parseWitnessFile(await readFile(file, 'utf8'), file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Throws `PeersFault` with the first mistake. */
export function parseWitnessFile(text: string, file: string): WitnessFile {
  const fail = (sentence: string) => new PeersFault(`${file}: ${sentence}.`)
  let value: { readonly name?: unknown; readonly logs?: unknown } | null
  try {
    value = JSON.parse(text) as typeof value
  } catch {
    throw fail('this is not JSON')
  }
  const { name, logs } = value ?? {}
  if (typeof name !== 'string' || !isNoteKeyName(name)) throw fail('name should be the name this witness signs with')
  if (!Array.isArray(logs)) throw fail('logs should be a list of {"origin", "keys"}')
  return { name, logs: logs.map((log: unknown) => watchedLog(log, fail)) }
}

function watchedLog(log: unknown, fail: (sentence: string) => Error): WatchedLog {
  const { origin, keys } = (log ?? {}) as { readonly origin?: unknown; readonly keys?: unknown }
  if (typeof origin !== 'string' || !Array.isArray(keys)) throw fail('logs should be a list of {"origin", "keys"}')
  const parsed = keys.map((vkey: unknown): NoteKey => {
    const key = parseVkey(sha256, String(vkey))
    if (isRefusal(key)) throw fail(`the key ${String(vkey)} cannot be read (${key.refused})`)
    if (key.type !== noteSignatureTypes.ed25519) throw fail(`the key ${String(vkey)} is not that of a log`)
    return key
  })
  return { origin, keys: parsed }
}
