/** Names of records and requests. */
import { randomBytes } from 'node:crypto'
import { toBase64url } from '@chengxin/kernel'

/** A name that nobody can guess and that says nothing but its kind: 128 random bits. */
export function randomId<const K extends string>(kind: K): `${K}_${string}` {
  return `${kind}_${toBase64url(randomBytes(16))}`
}
