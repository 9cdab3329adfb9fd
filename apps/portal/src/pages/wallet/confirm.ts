/** The resident's own word: the key signs the agent's statement as it stands, each time anew. */
import type { Signer } from '@chengxin/client'
import { toBase64url, toUtf8 } from '@chengxin/kernel'
import type { Assertion } from '../../api/agent.ts'

export async function confirm(signer: Signer, statement: string): Promise<Assertion> {
  return { keyId: signer.keyId, signature: toBase64url(await signer.sign(toUtf8(statement))) }
}
