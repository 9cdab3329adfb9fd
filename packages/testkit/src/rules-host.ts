/** The host of rules as a node has it: native hashes and verification, real certificates, real proofs of other groups. */
import { createVerifier } from '@chengxin/crypto/node'
import { createHost } from '@chengxin/ledger/execution/host'
import type { Host } from '@chengxin/module-kit'

export function rulesHost(chainId: string): Host {
  return createHost(chainId, createVerifier().verify)
}
