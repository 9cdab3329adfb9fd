/**
 * The request of C2SP tlog-witness: a log asks a witness to cosign a checkpoint, with a proof that it continues the one
 * that the witness cosigned last. Written and read here, for both sides.
 */
import { fromBase64, toBase64 } from '@chengxin/crypto'

export interface AddCheckpoint {
  /** Leaves of the checkpoint that the witness cosigned last; 0 before the first. */
  readonly oldSize: number
  /** From that to the new one; empty for equal sizes and from nothing. */
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint. */
  readonly note: string
}

/** What a witness answers where it has cosigned another size: the size alone, as text. */
export const sizeMediaType = 'text/x.tlog.size'

const maxHashes = 63
const maxCharacters = 64 * 1024
const oldLine = /^old (0|[1-9][0-9]{0,15})$/

export function encodeAddCheckpoint({ oldSize, hashes, note }: AddCheckpoint): string {
  return `${[`old ${oldSize}`, ...hashes.map(toBase64)].join('\n')}\n\n${note}`
}

/** The parts of a request, nothing verified; undefined where it is none. */
export function parseAddCheckpoint(text: string): AddCheckpoint | undefined {
  const split = text.indexOf('\n\n')
  if (text.length > maxCharacters || split < 0) return undefined
  const [first = '', ...lines] = text.slice(0, split).split('\n')
  const oldSize = Number(oldLine.exec(first)?.[1] ?? Number.NaN)
  const hashes = lines.map(fromBase64)
  if (!Number.isSafeInteger(oldSize) || hashes.length > maxHashes) return undefined
  if (hashes.some((hash) => hash?.length !== 32)) return undefined
  return { oldSize, hashes: hashes as Uint8Array[], note: text.slice(split + 2) }
}
