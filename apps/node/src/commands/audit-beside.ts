/** What a node keeps beside its ledgers, read to the end: documents, bundles, genesis, rulesets, keys, cosignatures. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBundle } from '@chengxin/audit'
import { loadKey } from '@chengxin/client/node'
import { parseCheckpointBody, parseNote } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes, type GroupId, isRefusal, toBase64url } from '@chengxin/kernel'
import type { Damage } from '@chengxin/ledger'
import type { GenesisDocument } from '@chengxin/module-kit'
import type { DataPaths } from '../data-directory.ts'
import { GenesisFault, readGenesis } from '../genesis-file.ts'

/** Damage to a ledger or beside it. */
export type Found = Omit<Damage, 'code'> & { readonly code: string }

/** A public document is named by its hash; the trust bundle is what its committee signed. */
export async function damagedDocuments({ documents }: DataPaths): Promise<readonly Found[]> {
  const damages: Found[] = []
  const files = await readdir(documents, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const file of files) {
    if (!file.isFile() || file.name.endsWith('.part')) continue
    const path = join(file.parentPath, file.name)
    const bytes = await readFile(path)
    if (file.name === 'trust-bundle.json') {
      const bundle = await openBundle(bytes.toString('utf8'), { pins: { group: groupOfFolder(file.parentPath) } })
      if (isRefusal(bundle)) damages.push(damagedBundle(path, bundle.refused))
      continue
    }
    if (toBase64url(sha256(bytes)) === file.name.split('.')[0]) continue
    const advice = 'Delete it: it is served by no node, and whoever published it can publish it again.'
    damages.push({ code: 'document_damaged', file: path, at: 'its content', advice })
  }
  return damages
}

/** What the scrub saw of a log, as far as others speak of it. */
export interface SeenLog {
  /** When the group was founded; absent in a store that has not fetched its first block. */
  readonly foundedAtMs?: number
  /** The group that the first transaction was signed for, once there is one. */
  readonly signedFor?: unknown
  /** The root of the tree at this many leaves. */
  readonly rootOf: ReadonlyMap<number, Uint8Array>
}

function isFoundedBy({ createdAtMs }: GenesisDocument, groupId: GroupId, { foundedAtMs, signedFor }: SeenLog): boolean {
  if (foundedAtMs !== undefined && foundedAtMs !== createdAtMs) return false
  return signedFor === undefined || signedFor === groupId
}

/** The quorum that was kept, which must be of this log, and proofs of contradictions, each named by its hash. */
export async function damagedWitness(paths: DataPaths, name: string, log: SeenLog): Promise<readonly Found[]> {
  const { witness, genesis } = paths.group(name)
  const damages: Found[] = []
  for (const file of await readdir(witness).catch(() => [])) {
    const path = join(witness, file)
    if (!file.endsWith('.json')) continue
    const bytes = await readFile(path)
    if (file === 'quorum.json') {
      const found = wrongQuorum(bytes.toString('utf8'), await originOf(genesis), log)
      if (found !== undefined) damages.push({ ...found, code: 'witness_damaged', file: path })
    } else if (`${toBase64url(sha256(bytes))}.json` !== file) {
      const advice = 'Fetch the proof again from another member, under /log/contradictions of this group.'
      damages.push({ code: 'witness_damaged', file: path, at: 'its content', advice })
    }
  }
  return damages
}

/** How many leaves the kept quorum speaks of; undefined where there is none that can be read. */
export async function quorumSize(witness: string): Promise<number | undefined> {
  const note = parseNote(noteOf(await readFile(join(witness, 'quorum.json'), 'utf8').catch(() => '')))
  const body = isRefusal(note) ? note : parseCheckpointBody(note.text)
  return isRefusal(body) ? undefined : body.size
}

async function originOf(genesis: string): Promise<string | undefined> {
  return (await readGenesis(genesis).catch(() => undefined))?.document.origin
}

function wrongQuorum(text: string, origin: string | undefined, log: SeenLog): Pick<Found, 'at' | 'advice'> | undefined {
  const note = parseNote(noteOf(text))
  const body = isRefusal(note) ? note : parseCheckpointBody(note.text)
  if (isRefusal(body)) {
    return { at: body.refused, advice: 'Delete it with the node stopped: the members are asked again.' }
  }
  const root = log.rootOf.get(body.size)
  if ((origin === undefined || body.origin === origin) && (root === undefined || equalBytes(root, body.root)))
    return undefined
  const advice =
    'What a quorum cosigned is not what lies here: keep both, and compare with another member before anything else.'
  return { at: `the tree of ${body.size} leaves`, advice }
}

function noteOf(text: string): string {
  try {
    const { note } = JSON.parse(text) as { readonly note?: unknown }
    return typeof note === 'string' ? note : ''
  } catch {
    return ''
  }
}

function groupOfFolder(path: string): GroupId {
  return path.slice(path.lastIndexOf('/') + 1) as GroupId
}

function damagedBundle(file: string, at: string): Found {
  const advice = 'Delete it, and have the committee publish a new one: verifiers refuse this one.'
  return { code: 'document_damaged', file, at, advice }
}

/** The genesis of a group, held to the log that began with it, and every ruleset on its shelf. */
export async function damagedFoundations(paths: DataPaths, name: string, log: SeenLog): Promise<readonly Found[]> {
  const { genesis, rulesets } = paths.group(name)
  const damages: Found[] = []
  try {
    const founding = await readGenesis(genesis)
    if (founding !== undefined && !isFoundedBy(founding.document, founding.groupId, log)) {
      const advice =
        'The log began with another: restore both from one backup. What is signed for one group is refused by another.'
      damages.push({ code: 'genesis_damaged', file: genesis, at: 'it is not the document of this log', advice })
    }
  } catch (error) {
    if (!(error instanceof GenesisFault)) throw error
    const advice = 'Restore it from a backup or from another member: the group is named by its hash.'
    damages.push({ code: 'genesis_damaged', file: genesis, at: error.message, advice })
  }
  for (const file of await readdir(rulesets).catch(() => [])) {
    const path = join(rulesets, file)
    if (!file.endsWith('.js') || `${toBase64url(sha256(await readFile(path)))}.js` === file) continue
    const advice = 'Install the program that carried it once more, or copy the file from another member.'
    damages.push({ code: 'ruleset_damaged', file: path, at: 'its content', advice })
  }
  return damages
}

/** Keystore files as far as they can be judged without their passphrase. */
export async function damagedKeys({ keys }: DataPaths): Promise<readonly Found[]> {
  const damages: Found[] = []
  for (const file of await readdir(keys).catch(() => [])) {
    if (!file.endsWith('.json')) continue
    const facts = await loadKey(keys, file.slice(0, -'.json'.length), undefined)
    if (!isRefusal(facts) || facts.refused === 'passphrase_needed') continue
    const advice = 'Restore it from a backup; the group would need a new key of this member otherwise.'
    damages.push({ code: 'key_file_damaged', file: join(keys, file), at: facts.refused, advice })
  }
  return damages
}
