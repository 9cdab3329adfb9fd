/**
 * A block as it came from another member: the bytes of its frames. Every leaf is read again, so that nothing beside it is
 * believed: its transaction's id, its nonce and its events must follow from it, and the block's height and time be those
 * that it states. A block without leaves states nothing that could be checked here.
 */
import type { Sha256 } from '@chengxin/crypto'
import { type BlockHeader, decodeGenesis, decodeHeader, decodeLeaf, openFrame } from './block-frames.ts'
import { checkLeafContents, type LeafContents } from './leaf-contents.ts'
import { treeHasher } from './tree-growth.ts'

export interface CarriedBlock {
  readonly header: BlockHeader
  /** All frames of the block and nothing else. */
  readonly bytes: Buffer
  readonly leaves: readonly LeafContents[]
  readonly leafHashes: readonly Uint8Array[]
}

/** Blocks that lie one behind the other, each as its bytes; nothing where they do not end with a block. Nothing is checked. */
export function splitBlocks(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks: Uint8Array[] = []
  for (let from = 0; from < rest.length; ) {
    const payload = openFrame(rest.subarray(from))
    const length = payload && decodeHeader(payload)?.blockLength
    if (length === undefined || length <= 0 || from + length > rest.length) return undefined
    blocks.push(rest.subarray(from, from + length))
    from += length
  }
  return blocks
}

/** The block that the bytes begin with, or nothing where a frame is torn, out of place, or says what its leaf does not. */
export function readCarriedBlock(sha256: Sha256, bytes: Buffer): CarriedBlock | undefined {
  const payload = openFrame(bytes)
  const header = payload && decodeHeader(payload)
  if (!header || bytes.length < header.blockLength) return undefined
  const block = bytes.subarray(0, header.blockLength)
  if (!isPlaced(header, block)) return undefined
  const leaves: LeafContents[] = []
  const leafHashes: Uint8Array[] = []
  for (let position = 0; position < header.count; position++) {
    const frame = openFrame(block.subarray(header.leafOffsets[position], header.leafOffsets[position + 1]))
    const record = frame && decodeLeaf(frame)
    if (record?.index !== header.firstLeaf + position) return undefined
    const contents = checkLeafContents(sha256, record)
    if (typeof contents === 'string' || !isOfBlock(contents, header)) return undefined
    leaves.push(contents)
    leafHashes.push(treeHasher.leaf(record.leaf))
  }
  return { header, bytes: block, leaves, leafHashes }
}

function isOfBlock({ height, timeMs }: LeafContents, { head }: BlockHeader): boolean {
  return height === head.height && timeMs === head.timeMs
}

/** Whether the frames follow one another without gaps, up to the end of the block. */
function isPlaced({ leafOffsets, genesisOffset, blockLength, headerEnd }: BlockHeader, block: Buffer): boolean {
  let at = headerEnd
  if (genesisOffset !== undefined) {
    const payload = openFrame(block.subarray(genesisOffset))
    if (genesisOffset !== at || !payload || !decodeGenesis(payload)) return false
    at += payload.length + 8
  }
  for (const offset of leafOffsets) {
    if (offset !== at || offset > blockLength) return false
    const payload = offset < blockLength ? openFrame(block.subarray(offset)) : undefined
    if (offset < blockLength && !payload) return false
    at = payload ? offset + payload.length + 8 : offset
  }
  return at === blockLength && leafOffsets.at(-1) === blockLength
}
