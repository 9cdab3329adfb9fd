/** An act that weighs, as an officer's page sends it: the statement is asked for, signed, and sent with the act. */
import { type SampleName, type Signer, sampleActor } from '@chengxin/client'
import { type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'

export interface Answered {
  readonly status: number
  readonly code: string | undefined
  readonly json: JsonObject
}

interface Visitor<A> {
  post(path: string, body?: object): Promise<A>
}

/** Whose key a persona signs with. */
export const keyOfPersona = {
  clerk: 'bureau-clerk',
  'second-officer': 'bureau-second-officer',
} as const satisfies Record<string, SampleName>

export function signerOfPersona(persona: keyof typeof keyOfPersona): Signer {
  return sampleActor(keyOfPersona[persona]).signer
}

/** The statement, signed, as the member `word` wants it. */
export async function wordOver({ json }: Pick<Answered, 'json'>, signer: Pick<Signer, 'keyId' | 'sign'>) {
  const signature = toBase64url(await signer.sign(toUtf8(json['statement'] as string)))
  return { wordId: json['wordId'] as string, keyId: signer.keyId, signature }
}

export async function postWithWord<A extends Pick<Answered, 'code' | 'json'>>(
  visitor: Visitor<A>,
  path: string,
  body: object,
  signer: Pick<Signer, 'keyId' | 'sign'>,
): Promise<A> {
  const asked = await visitor.post(`${path}/word`, body)
  if (asked.code !== undefined) return asked
  return visitor.post(path, { ...body, word: await wordOver(asked, signer) })
}
