/** AES-256-GCM as the vault uses it: a fresh nonce each time, and the place of what is sealed bound to it. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { freshBytes } from '@chengxin/crypto/node'

const nonceBytes = 12
const tagBytes = 16

/** Where something sealed belongs: words, whole numbers and lists of words, whose JSON has one spelling only (RFC 8785). */
export type SealedPlace = readonly (string | number | readonly string[])[]

export function seal(key: Uint8Array, content: Uint8Array, place: SealedPlace): Uint8Array {
  const nonce = freshBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(bytesOf(place))
  const sealed = new Uint8Array(nonceBytes + content.length + tagBytes)
  sealed.set(nonce)
  sealed.set(cipher.update(content), nonceBytes)
  // The cipher is a stream: nothing is left over at its end.
  cipher.final()
  sealed.set(cipher.getAuthTag(), nonceBytes + content.length)
  return sealed
}

/** Undefined where the key is another one, or a bit of content or place has changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, place: SealedPlace): Uint8Array | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(bytesOf(place))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  const content = decipher.update(sealed.subarray(nonceBytes, -tagBytes))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
}

function bytesOf(place: SealedPlace): Uint8Array {
  return Buffer.from(JSON.stringify(place))
}
