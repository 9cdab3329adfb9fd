/**
 * A witness that is no member, asked to cosign our log (C2SP tlog-witness, as the log). It is told what links our newest
 * checkpoint to the one it cosigned last; where it remembers another size, it says which, and is asked again once.
 */
import {
  linesOf,
  type NoteKey,
  type NoteSignature,
  parseNote,
  type VerifySignature,
  verifyCosignatures,
} from '@chengxin/crypto'
import { isRefusal } from '@chengxin/kernel'
import { encodeAddCheckpoint } from './add-checkpoint.ts'
import type { OwnLog, SignedTree } from './own-log.ts'
import { boundedText } from './peer-loop.ts'

export interface OutsideWitness {
  /** Its submission prefix: `<url>/add-checkpoint` is posted to. */
  readonly url: string
  /** Its cosigner's key. */
  readonly key: NoteKey
}

export interface AskWitnessOptions {
  readonly log: Pick<OwnLog, 'consistency'>
  readonly witness: OutsideWitness
  readonly verify: VerifySignature
  readonly signal: AbortSignal
  readonly fetch?: typeof fetch
}

/** The cosignature, or the code of what went wrong. */
export type WitnessGave = { readonly signature: NoteSignature } | { readonly fault: string; readonly size?: number }

export async function askWitness(tree: SignedTree, lastSize: number, options: AskWitnessOptions): Promise<WitnessGave> {
  const first = await askFrom(tree, Math.min(lastSize, tree.size), options)
  if ('signature' in first || first.size === undefined || first.size > tree.size) return first
  return askFrom(tree, first.size, options)
}

async function askFrom(tree: SignedTree, oldSize: number, options: AskWitnessOptions): Promise<WitnessGave> {
  const { log, witness, verify, signal, fetch: send = fetch } = options
  const hashes = log.consistency(oldSize, tree.size)
  if (hashes === undefined) return { fault: 'history_not_here' }
  try {
    const response = await send(`${witness.url.replace(/\/+$/, '')}/add-checkpoint`, {
      method: 'POST',
      body: encodeAddCheckpoint({ oldSize, hashes, note: tree.note }),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    })
    const text = (await boundedText(response)) ?? ''
    if (response.status === 409 && /^(0|[1-9][0-9]{0,15})\n$/.test(text)) {
      return { fault: 'witness_has_other_size', size: Number(text) }
    }
    if (!response.ok) return { fault: `http_${response.status}` }
    return cosignatureIn(tree, text, witness.key, verify)
  } catch {
    return { fault: 'unreachable' }
  }
}

/** The witness's line over our checkpoint, verified. */
function cosignatureIn(tree: SignedTree, lines: string, key: NoteKey, verify: VerifySignature): WitnessGave {
  const own = parseNote(tree.note)
  const answered = isRefusal(own) ? own : parseNote(`${own.text}\n${lines}`)
  if (isRefusal(answered)) return { fault: 'answer_malformed' }
  const cosigned = verifyCosignatures(answered, [key], verify)
  const [signature] = linesOf(answered.signatures, key)
  if (isRefusal(cosigned) || signature === undefined) return { fault: 'cosignature_invalid' }
  return { signature }
}
