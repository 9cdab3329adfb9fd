/** Values that nobody may guess. */
import { toBase64url } from '@chengxin/kernel'

/** 256 random bits, as text for addresses and forms. */
export function randomSecret(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(32)))
}
