/** The agreed hash that a stored head leads to, computed anew. */
import { type Hash, toBase64url } from '@chengxin/kernel'
import { agreedHashOf } from '../execution/leaf.ts'
import type { StoredHead } from '../storage/face.ts'

export function agreedHashOfHead({ size, root, stateHash, stateRoot, rulesetHash }: StoredHead): Uint8Array {
  const text = (bytes: Uint8Array) => toBase64url(bytes) as Hash
  const agreed = agreedHashOf({
    size,
    root: text(root),
    stateHash: text(stateHash),
    stateRoot: stateRoot && { size: stateRoot.size, root: text(stateRoot.root) },
    ruleset: text(rulesetHash),
  })
  return Buffer.from(agreed, 'base64url')
}
