/**
 * libsodium, if its compiled form loads on this machine: it verifies Ed25519 in about half of OpenSSL's time. It is
 * loaded at run time, and outside every bundle, because a program must start where it does not load.
 */
import { createRequire } from 'node:module'

interface Sodium {
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
}

/** libsodium's functions, or `undefined` where it does not load. */
export function loadSodium(): Sodium | undefined {
  const require = createRequire(import.meta.url)
  try {
    return require('sodium-native') as Sodium
  } catch {
    return undefined
  }
}
