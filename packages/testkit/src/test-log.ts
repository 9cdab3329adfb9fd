/** A log in memory for the tests of proofs: leaves, tree, checkpoints, receipts and tiles, signed by keys of its own. */
import {
  addSignatures,
  type CarriedByReceipt,
  cosign,
  createFrontier,
  createNoteKey,
  createTreeHasher,
  encodeEntryBundle,
  encodeTlogProof,
  encodeVkey,
  inclusionProof,
  type NodeReader,
  type NoteSignatureType,
  type NoteSigner,
  noteSignatureTypes,
  parseTilePath,
  privateJwkFrom,
  publicPart,
  sha256,
  signCheckpoint,
  signCoseReceipt,
  signPortably,
  treeRoot,
} from '@chengxin/crypto'
import { canonicalize, concatBytes, expectOk, toUtf8 } from '@chengxin/kernel'

export interface TestLog {
  readonly origin: string
  readonly logKeys: readonly string[]
  readonly cosigners: readonly string[]
  readonly size: number
  /** Appends an entry: its bytes, or what is written as canonical JSON. Answers its index. */
  append(entry: Uint8Array | object): number
  checkpoint(options?: CheckpointOptions): string
  receipt(index: number, options?: CheckpointOptions): string
  /** The same as a COSE receipt; `carried` takes the place of what it carries. */
  coseReceipt(index: number, options?: CheckpointOptions, carried?: CarriedByReceipt): Uint8Array
  /** What the log serves at a path below its prefix. */
  resource(path: string): Uint8Array | undefined
}

export interface CheckpointOptions {
  /** Leaves; all of them if absent. */
  readonly size?: number
  readonly origin?: string
  /** How many of the members cosign; all if absent. */
  readonly cosigners?: number
  /** Another root than the tree's, as a log that lies would sign. */
  readonly root?: Uint8Array
}

/** A key of its own for every name; nothing about it is secret. */
export function noteSigner(name: string, type: NoteSignatureType, secret: string): NoteSigner {
  const privateJwk = privateJwkFrom('EdDSA', sha256(toUtf8(`test key of ${secret}`)))
  const jwk = publicPart(privateJwk)
  if (jwk.crv !== 'Ed25519') throw new Error('Notes are signed with Ed25519.')
  return { key: createNoteKey(sha256, name, type, jwk), sign: (bytes) => signPortably(privateJwk, bytes) }
}

export function createTestLog(origin: string, members: readonly string[]): TestLog {
  const hasher = createTreeHasher(sha256)
  const frontier = createFrontier(hasher)
  const entries: Uint8Array[] = []
  const levels: Uint8Array[][] = []
  const read: NodeReader = (level, index) => levels[level]?.[index] as Uint8Array
  const logSigners = members.map((name) => noteSigner(origin, noteSignatureTypes.ed25519, `${name} log`))
  const cosigners = members.map((name) => noteSigner(name, noteSignatureTypes.cosignature, `${name} cosigner`))

  function checkpoint(options: CheckpointOptions = {}): string {
    const { size = entries.length, root = treeRoot(hasher, read, size) } = options
    const signed = signCheckpoint(
      { origin: options.origin ?? origin, size, root, extensions: [] },
      logSigners.slice(0, 1),
    )
    const body = signed.slice(0, signed.indexOf('\n\n') + 1)
    const willing = cosigners.slice(0, options.cosigners ?? cosigners.length)
    return expectOk(
      addSignatures(
        signed,
        willing.map((signer) => cosign(body, signer, 1_800_000_000)),
      ),
    )
  }

  return {
    origin,
    logKeys: logSigners.map(({ key }) => encodeVkey(key)),
    cosigners: cosigners.map(({ key }) => encodeVkey(key)),
    get size() {
      return entries.length
    },
    append(entry) {
      const bytes = entry instanceof Uint8Array ? entry : toUtf8(canonicalize(entry))
      entries.push(bytes)
      frontier.append(hasher.leaf(bytes), (level, index, hash) => {
        const row = (levels[level] ??= [])
        row[index] = hash
      })
      return entries.length - 1
    },
    checkpoint,
    receipt(index, options = {}) {
      const size = options.size ?? entries.length
      const hashes = inclusionProof(hasher, read, index, size)
      return encodeTlogProof({ index, hashes, checkpoint: checkpoint(options), extra: entries[index] as Uint8Array })
    },
    coseReceipt(index, options = {}, carried) {
      const size = options.size ?? entries.length
      const hashes = inclusionProof(hasher, read, index, size)
      const [signer] = logSigners as [NoteSigner, ...NoteSigner[]]
      const brought = carried ?? { checkpoint: checkpoint(options), leaf: entries[index] as Uint8Array }
      return signCoseReceipt({ size, index, hashes }, treeRoot(hasher, read, size), signer, brought)
    },
    resource(path) {
      if (path === 'checkpoint') return toUtf8(checkpoint())
      const tile = parseTilePath(path)
      if (!tile) return undefined
      const first = tile.index * 256
      const row = tile.level === 'entries' ? entries : (levels[tile.level * 8] ?? [])
      const cells = row.slice(first, first + tile.width)
      if (cells.length < tile.width) return undefined
      return tile.level === 'entries' ? encodeEntryBundle(cells) : concatBytes(...cells)
    },
  }
}
