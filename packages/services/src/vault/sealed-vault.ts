/**
 * A vault whose store can be copied by anyone and opened by nobody without the passphrase. Erasing a record notes its id
 * apart, then removes it and its key: no older copy of the store brings it back.
 */
import { decodeUtf8 } from '@chengxin/crypto'
import type { Json } from '@chengxin/kernel'
import type { Collection, Marks, Page, Stored, Vault } from './face.ts'
import { type SealedPlace, seal, unseal } from './sealing.ts'
import { type SealedRow, type Tombstones, VaultDamaged, type VaultStore } from './store-face.ts'
import { beginRotation, endRotation, newVaultHeader, openVaultKeys, type VaultKeys } from './vault-keys.ts'

export interface SealedVaultOptions {
  readonly store: VaultStore
  readonly tombstones: Tombstones
  /** Keys lie readable with the rows if absent: good enough for a sample city alone. */
  readonly passphrase: string | undefined
  readonly nowMs: () => number
}

export interface SealedVault extends Vault {
  readonly keys: Pick<VaultKeys, 'isEncrypted' | 'isRotating' | 'masterSinceMs'>
}

/** Opens the vault, or founds it where the store is empty. Throws `VaultLocked`. */
export async function openSealedVault(options: SealedVaultOptions): Promise<SealedVault> {
  const { store, tombstones, passphrase, nowMs } = options
  let header = await store.readHeader()
  if (header === undefined) {
    header = await newVaultHeader(passphrase, nowMs())
    await store.writeHeader(header)
  }
  const keys = await openVaultKeys(header, passphrase)
  // A store that was copied back from an older time may hold again what has been erased since.
  const erased = await tombstones.all()
  for (let start = 0; start < erased.length; start += 100) {
    const together = erased.slice(start, start + 100)
    await Promise.all(together.map(({ collection, id }) => store.remove(collection, id)))
  }
  return {
    keys,
    collection: <T extends Json>(name: string) => sealedCollection(name, keys, options) as unknown as Collection<T>,
    async close() {
      await store.close()
      await tombstones.close()
    },
  }
}

/** Makes a new master key and wraps every record's key by it. Begun again after an interruption, it goes on. */
export async function rotateVault(
  store: VaultStore,
  passphrases: { readonly before: string | undefined; readonly after: string | undefined },
  nowMs: number,
): Promise<number> {
  const header = await store.readHeader()
  if (header === undefined) return 0
  const begun = await beginRotation(header, passphrases, nowMs)
  await store.writeHeader(begun)
  const keys = await openVaultKeys(begun, passphrases.after)
  let rewrapped = 0
  // Together, because changes that come at the same time share a commit.
  let together: Promise<boolean>[] = []
  for await (const { collection, id, key } of store.rows()) {
    if (keys.isCurrent(key)) continue
    together.push(store.rewrap(collection, id, keys.wrap(keys.unwrap(key, collection, id), collection, id)))
    rewrapped++
    if (together.length < 200) continue
    await Promise.all(together)
    together = []
  }
  await Promise.all(together)
  await store.writeHeader(await endRotation(begun, passphrases.after))
  return rewrapped
}

function sealedCollection(name: string, keys: VaultKeys, { store, tombstones }: SealedVaultOptions): Collection<Json> {
  const marksOf = (marks: Marks) => Object.entries(marks).map(([mark, value]) => keys.markOf(name, mark, value))
  const stored = (row: SealedRow): Stored<Json> => ({
    id: row.id,
    version: row.version,
    value: openRow(row, keys),
  })

  async function read(mark: string | undefined, page: Page = {}): Promise<readonly Stored<Json>[]> {
    const { after, limit = 50, newestFirst = false } = page
    const start = after === undefined ? undefined : (await store.get(name, after))?.order
    const where = { limit: Math.min(limit, 1000), newestFirst, ...(start === undefined ? {} : { after: start }) }
    return (await store.page(name, mark, where)).map(stored)
  }

  return {
    async insert(id, value, marks = {}) {
      const [recordKey, hashes] = [keys.newRecordKey(), marksOf(marks)]
      const body = sealBody(recordKey, value, { collection: name, id, version: 1, marks: hashes })
      const key = keys.wrap(recordKey, name, id)
      return store.insert({ collection: name, id, version: 1, marks: hashes, key, body })
    },
    async get(id) {
      const row = await store.get(name, id)
      return row && stored(row)
    },
    async replace(id, version, value, marks) {
      const row = await store.get(name, id)
      if (row?.version !== version) return false
      const place = {
        collection: name,
        id,
        version: version + 1,
        marks: marks === undefined ? row.marks : marksOf(marks),
      }
      const body = sealBody(keys.unwrap(row.key, name, id), value, place)
      return store.replace({ ...place, key: row.key, body })
    },
    async erase(id) {
      if ((await store.get(name, id)) === undefined) return false
      // Noted first: an interruption in between is made good when the vault opens next.
      await tombstones.add(name, id)
      return store.remove(name, id)
    },
    find: (mark, value, page) => read(keys.markOf(name, mark, value), page),
    list: (page) => read(undefined, page),
    count: (mark, value = '') => store.count(name, mark === undefined ? undefined : keys.markOf(name, mark, value)),
  }
}

type Place = Pick<SealedRow, 'collection' | 'id' | 'version' | 'marks'>

const placeOf = ({ collection, id, version, marks }: Place): SealedPlace => ['record', collection, id, version, marks]

function sealBody(recordKey: Uint8Array, value: Json, place: Place): Uint8Array {
  return seal(recordKey, Buffer.from(JSON.stringify(value)), placeOf(place))
}

/** What stands in a row. Throws `VaultDamaged` where it is not what was written there. */
export function openRow(row: SealedRow, keys: VaultKeys): Json {
  const bytes = unseal(keys.unwrap(row.key, row.collection, row.id), row.body, placeOf(row))
  const text = bytes && decodeUtf8(bytes)
  if (text === undefined) throw new VaultDamaged(row.collection, row.id, 'its bytes are not those that were sealed')
  return JSON.parse(text) as Json
}
