/** What a leaf says about itself, against what is stored beside it. */
import type { Sha256 } from '@chengxin/crypto'
import { equalBytes, toBase64url } from '@chengxin/kernel'
import type { LeafRecord } from './block-frames.ts'

/** A sentence about what does not fit, or nothing: the transaction's id is the hash of its signing input, and so on. */
export function checkLeafContents(sha256: Sha256, { leaf, events, transactionId }: LeafRecord): string | undefined {
  const { jws, eventsHash } = parseLeaf(leaf)
  if (jws === undefined) return 'The leaf has no transaction.'
  const signed = jws.slice(0, jws.lastIndexOf('.'))
  if (!equalBytes(sha256(Buffer.from(signed)), transactionId))
    return 'The id beside the leaf is not that of its transaction.'
  if (toBase64url(sha256(events)) !== eventsHash) return 'The events beside the leaf are not those it names.'
  return undefined
}

function parseLeaf(leaf: Buffer): { readonly jws?: string; readonly eventsHash?: string } {
  try {
    const value = JSON.parse(leaf.toString()) as { jws?: unknown; eventsHash?: unknown } | null
    const [jws, eventsHash] = [value?.jws, value?.eventsHash]
    return { ...(typeof jws === 'string' && { jws }), ...(typeof eventsHash === 'string' && { eventsHash }) }
  } catch {
    return {}
  }
}
