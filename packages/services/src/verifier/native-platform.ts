/** The operations of a check as this process does them fastest: Node's own, where a browser has WebCrypto. */
import type { Platform } from '@chengxin/audit'
import { createVerifier, sha256 } from '@chengxin/crypto/node'

const { verify } = createVerifier()

export const nativePlatform: Platform = { sha256, verify, verifyAtOnce: verify }
