/** An act that weighs: the desk makes a statement over what is sent, the officer's key signs it, and both go together. */
import type { Signer } from '@chengxin/client'
import { toBase64url, toUtf8 } from '@chengxin/kernel'
import { ApiProblem, sendJson } from './http.ts'

/** `member`: which one of the body carries the word. */
export async function sendWithWord<T>(path: string, body: object, signer: Signer, member = 'word'): Promise<T> {
  try {
    return await sendOnce(path, body, signer, member)
  } catch (problem) {
    // Whoever looked away while the key was asked is asked once more; the act is what it was.
    if (!(problem instanceof ApiProblem) || problem.code !== 'officer_word_too_old') throw problem
    return sendOnce(path, body, signer, member)
  }
}

async function sendOnce<T>(path: string, body: object, signer: Signer, member: string): Promise<T> {
  const { wordId, statement } = await sendJson<{ wordId: string; statement: string }>('POST', `${path}/word`, body)
  const signature = toBase64url(await signer.sign(toUtf8(statement)))
  return sendJson<T>('POST', path, { ...body, [member]: { wordId, keyId: signer.keyId, signature } })
}
