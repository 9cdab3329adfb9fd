/** Names of records and requests. */
import { freshBytes } from '@chengxin/crypto/node'
import { toBase64url } from '@chengxin/kernel'

/** A name that nobody can guess and that says nothing but its kind: 128 random bits. */
export function randomId<const K extends string>(kind: K): `${K}_${string}` {
  return `${kind}_${toBase64url(freshBytes(16))}`
}
