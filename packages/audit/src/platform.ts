/**
 * The operations that every check rests on. They are handed in, because a browser and Node do them best in different ways;
 * everything else in this package is arithmetic on what they answer.
 */
import {
  type PublicJwk,
  type Sha256,
  sha256,
  type VerifySignature,
  verifySignature,
  verifySignaturePortably,
} from '@chengxin/crypto'

export interface Platform {
  readonly sha256: Sha256
  /** Whether the signature over these bytes holds; strict about its form (64 bytes, low s, canonical points). */
  readonly verify: (jwk: PublicJwk, bytes: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>
  /** The same at once, for the few signatures of a checkpoint. */
  readonly verifyAtOnce: VerifySignature
}

/** WebCrypto and plain JavaScript: runs in every browser and in Node, and needs nothing native. */
export const webPlatform: Platform = { sha256, verify: verifySignature, verifyAtOnce: verifySignaturePortably }
