/** Values that nobody may guess, and how they are compared. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { sha256 } from '@chengxin/crypto/node'
import { toBase64url, toUtf8 } from '@chengxin/kernel'

/** 256 random bits, as text for addresses and forms. */
export function randomSecret(): string {
  return toBase64url(randomBytes(32))
}

/** Whether two texts are equal, in a time that tells nothing about where they differ. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(sha256(toUtf8(left)), sha256(toUtf8(right)))
}
