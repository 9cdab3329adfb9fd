/** An act that weighs: the desk makes a statement over what is sent, the officer's key signs it, and both go together. */
import type { Signer } from '@chengxin/client'
import { toBase64url, toUtf8 } from '@chengxin/kernel'
import { sendJson } from './http.ts'

export async function sendWithWord<T>(path: string, body: object, signer: Signer): Promise<T> {
  const { wordId, statement } = await sendJson<{ wordId: string; statement: string }>('POST', `${path}/word`, body)
  const signature = toBase64url(await signer.sign(toUtf8(statement)))
  return sendJson<T>('POST', path, { ...body, word: { wordId, keyId: signer.keyId, signature } })
}
