/** AES-256-GCM as the vault uses it: a fresh nonce each time, and the place of what is sealed bound to it. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { freshBytes } from '@chengxin/crypto/node'
import { canonicalize, concatBytes, type Json, toUtf8 } from '@chengxin/kernel'

const nonceBytes = 12
const tagBytes = 16

export function seal(key: Uint8Array, content: Uint8Array, place: Json): Uint8Array {
  const nonce = freshBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(toUtf8(canonicalize(place)))
  return concatBytes(nonce, cipher.update(content), cipher.final(), cipher.getAuthTag())
}

/** Undefined where the key is another one, or a bit of content or place has changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, place: Json): Uint8Array | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(toUtf8(canonicalize(place)))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    return concatBytes(decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final())
  } catch {
    return undefined
  }
}
