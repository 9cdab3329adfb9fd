/** Values that nobody may guess, and how they are compared. */
import { timingSafeEqual } from 'node:crypto'
import { sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'

export { randomSecret } from '@chengxin/holder'

/** Whether two texts are equal, in a time that tells nothing about where they differ. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(sha256(toUtf8(left)), sha256(toUtf8(right)))
}
