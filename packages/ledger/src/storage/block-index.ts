/** Where blocks lie in the log: by height, and by the index of a leaf. */
import { seal, unseal } from './checksum.ts'
import { indexDamage, numberKey, numberOfKey } from './lmdb-tables.ts'
import { type RecentDatabase, recentFile } from './recent-database.ts'

export interface BlockPlace {
  readonly height: number
  readonly firstLeaf: number
  readonly count: number
  readonly segment: number
  readonly offset: number
  readonly length: number
}

const recordBytes = 28

export function writeBlockPlace({ blocks, starts }: RecentDatabase, place: BlockPlace): void {
  const record = Buffer.alloc(recordBytes)
  record.writeDoubleLE(place.firstLeaf, 0)
  record.writeUInt32LE(place.count, 8)
  record.writeUInt32LE(place.segment, 12)
  record.writeUInt32LE(place.offset, 16)
  record.writeUInt32LE(place.length, 20)
  blocks.put(numberKey(place.height), seal(`block ${place.height}`, record))
  if (place.count > 0) {
    starts.put(numberKey(place.firstLeaf), seal(`start ${place.firstLeaf}`, numberKey(place.height)))
  }
}

export function readBlockPlace({ blocks }: RecentDatabase, height: number): BlockPlace | undefined {
  const sealed = blocks.get(numberKey(height))
  if (!sealed) return undefined
  const record = unseal(`block ${height}`, sealed)
  if (record?.length !== recordBytes)
    throw indexDamage(recentFile, `blocks ${height}`, 'The place of this block is damaged.')
  return {
    height,
    firstLeaf: record.readDoubleLE(0),
    count: record.readUInt32LE(8),
    segment: record.readUInt32LE(12),
    offset: record.readUInt32LE(16),
    length: record.readUInt32LE(20),
  }
}

/** The block that holds a leaf, if the log has it. */
export function readPlaceOfLeaf(database: RecentDatabase, index: number): BlockPlace | undefined {
  const found = database.starts.range({ start: numberKey(index), reverse: true, limit: 1 })
  for (const { key, value } of found) {
    const firstLeaf = numberOfKey(key)
    const height = unseal(`start ${firstLeaf}`, value)
    if (!height) throw indexDamage(recentFile, `starts ${firstLeaf}`, 'The height of this leaf is damaged.')
    const place = readBlockPlace(database, numberOfKey(height))
    if (place?.firstLeaf !== firstLeaf)
      throw indexDamage(recentFile, `starts ${firstLeaf}`, 'Two indexes of blocks disagree.')
    if (index < place.firstLeaf + place.count) return place
  }
  return undefined
}
