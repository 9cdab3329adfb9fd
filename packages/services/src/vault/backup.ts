/**
 * Copies of a vault. Two files that belong to different places: the bodies, of which many may be kept, and the keys, of
 * which only the newest should be. A body without its key is noise, so that what is erased is gone from every older copy
 * of the bodies as soon as the keys are written anew; and the list of what was erased is kept apart from both.
 */
import { createHash } from 'node:crypto'
import { fromBase64url, toBase64url } from '@chengxin/kernel'
import { openRow } from './sealed-vault.ts'
import { type Tombstones, VaultDamaged, VaultLocked, type VaultStore } from './store-face.ts'
import { openVaultKeys } from './vault-keys.ts'

/** The two files, as lines. The last line of each is the hash of those before it. */
export interface VaultBackup {
  readonly bodies: AsyncIterable<string>
  readonly keys: AsyncIterable<string>
}

interface BodyLine {
  readonly c: string
  readonly i: string
  readonly o: number
  readonly v: number
  readonly m: readonly string[]
  readonly b: string
}

interface KeyLine {
  readonly c: string
  readonly i: string
  readonly k: string
}

const firstLines = { bodies: 'chengxin-vault-bodies-v1', keys: 'chengxin-vault-keys-v1' } as const

export async function backupVault(store: VaultStore): Promise<VaultBackup> {
  const header = await store.readHeader()
  if (header === undefined) throw new VaultLocked('There is no vault here to copy.')
  async function* bodies(): AsyncGenerator<string> {
    yield firstLines.bodies
    for await (const { collection, id, order, version, marks, body } of store.rows()) {
      const line: BodyLine = { c: collection, i: id, o: order, v: version, m: marks, b: toBase64url(body) }
      yield JSON.stringify(line)
    }
  }
  async function* keys(): AsyncGenerator<string> {
    yield firstLines.keys
    yield (header as string).trim()
    for await (const { collection, id, key } of store.rows()) {
      const line: KeyLine = { c: collection, i: id, k: toBase64url(key) }
      yield JSON.stringify(line)
    }
  }
  return { bodies: withHash(bodies()), keys: withHash(keys()) }
}

export interface Restored {
  readonly restored: number
  /** Left out because they have been erased since. */
  readonly erased: number
  /** Bodies for which the keys have none: erased before the keys were written, or newer than them. */
  readonly withoutKey: number
}

/** Fills an empty store. Every record is opened once, so that a copy that would not serve is told now. */
export async function restoreVault(
  backup: VaultBackup,
  { store, tombstones, passphrase }: { store: VaultStore; tombstones: Tombstones; passphrase: string | undefined },
): Promise<Restored> {
  if ((await store.readHeader()) !== undefined) throw new VaultLocked('A vault is restored into an empty folder only.')
  const { header, keyOf } = await readKeys(backup.keys)
  const keys = await openVaultKeys(header, passphrase)
  const gone = new Set((await tombstones.all()).map(({ collection, id }) => `${collection} ${id}`))
  const counts = { restored: 0, erased: 0, withoutKey: 0 }
  for await (const text of checked(backup.bodies, firstLines.bodies)) {
    const { c: collection, i: id, o: order, v: version, m: marks, b } = JSON.parse(text) as BodyLine
    const key = keyOf.get(`${collection} ${id}`)
    if (gone.has(`${collection} ${id}`)) counts.erased++
    else if (key === undefined) counts.withoutKey++
    else {
      const row = { collection, id, order, version, marks, key, body: bytesOf(b, collection, id) }
      openRow(row, keys)
      await store.insert(row, order)
      counts.restored++
    }
  }
  // Last: without it the store counts as empty, and an interrupted restore can begin again.
  await store.writeHeader(`${header}\n`)
  return counts
}

async function readKeys(lines: AsyncIterable<string>) {
  const keyOf = new Map<string, Uint8Array>()
  let header: string | undefined
  for await (const text of checked(lines, firstLines.keys)) {
    if (header === undefined) header = text
    else {
      const { c, i, k } = JSON.parse(text) as KeyLine
      keyOf.set(`${c} ${i}`, bytesOf(k, c, i))
    }
  }
  if (header === undefined) throw new VaultLocked('The file of keys holds no key.')
  return { header, keyOf }
}

async function* withHash(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  for await (const line of lines) {
    hash.update(`${line}\n`)
    yield line
  }
  yield `sha256 ${hash.digest('base64url')}`
}

/** The lines between the first and the last, once the first is the right one; throws at the end if the hash is not. */
async function* checked(lines: AsyncIterable<string>, first: string): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let held: string | undefined
  let isFirst = true
  for await (const line of lines) {
    if (isFirst && line !== first) throw new VaultLocked(`This is not a file of the kind ${first}.`)
    if (held !== undefined) {
      hash.update(`${held}\n`)
      if (held !== first) yield held
    }
    held = line
    isFirst = false
  }
  if (held !== `sha256 ${hash.digest('base64url')}`) throw new VaultLocked('The copy is cut short or was changed.')
}

function bytesOf(text: string, collection: string, id: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new VaultDamaged(collection, id, 'its bytes are not base64url')
  return bytes
}
