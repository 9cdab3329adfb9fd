/** An act that weighs, as an officer's page sends it: the statement is asked for, signed, and sent with the act. */
import { firstKeyId, personaActor, type SampleName, type Signer, sampleActor } from '@chengxin/client'
import { type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import {
  createOfficersWords,
  type DeskCall,
  type DeskEndpoint,
  type OfficersWords,
  type Vault,
} from '@chengxin/services'

export interface Answered {
  readonly status: number
  readonly code: string | undefined
  readonly json: JsonObject
}

interface Visitor<A> {
  post(path: string, body?: object): Promise<A>
}

/** Officers of no account here, each with a public key of their own. */
export function wordsOf(group: string, desk: string, vault: Vault, nowMs = Date.now): OfficersWords {
  const relyingParty = { rpId: 'localhost', origins: ['http://localhost:8080'] }
  const keysOf = async (accountId: string) => [{ keyId: firstKeyId, jwk: personaActor(accountId).jwk, passkey: false }]
  return createOfficersWords({ desk, group, vault, relyingParty, keysOf, nowMs })
}

/** The body of an act as a desk's handler is called with it, with the officer's word in it, said to the desk beside it. */
export async function worded(
  endpoints: readonly DeskEndpoint[],
  id: string,
  call: DeskCall,
  member = 'word',
): Promise<DeskCall> {
  const asked = await endpoints.find((endpoint) => endpoint.id === `${id}Word`)?.handle(call)
  const { signer } = personaActor(call.person?.accountId ?? '')
  const word = await wordOver({ json: asked as JsonObject }, signer)
  return { ...call, body: { ...(call.body as JsonObject), [member]: word } }
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
