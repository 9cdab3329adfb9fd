/** Somebody at a node's desks as a browser would be: a cookie of their own, a passkey in software, and nothing else. */
import { type Action, buildTransaction, type GroupClient, identityStatement, type Signer } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { type Did, type GroupId, toBase64url, toUtf8 } from '@chengxin/kernel'
import { createSoftPasskey, type SoftPasskey } from '../../packages/services/src/testing/soft-passkey.ts'

export class DeskRefused extends Error {
  override readonly name = 'DeskRefused'
  readonly code: string
  constructor(path: string, code: string, text: string) {
    super(`${path} was refused with ${code}: ${text}`)
    this.code = code
  }
}

export interface Visitor {
  readonly passkey: SoftPasskey
  /** Asks a desk; throws `DeskRefused`. */
  ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>
  send<T>(path: string, mediaType: string, bytes: Uint8Array): Promise<T>
}

/** A visitor who registers a passkey: a resident, or an officer by an invitation's secret. */
export async function register(url: string, invitation?: string): Promise<Visitor & { readonly did: Did | undefined }> {
  let cookie = ''
  async function request<T>(method: string, path: string, mediaType: string, body?: BodyInit): Promise<T> {
    const answer = await fetch(`${url}/v1/desks/${path}`, {
      method,
      headers: { cookie, origin: url, ...(body !== undefined && { 'content-type': mediaType }) },
      ...(body !== undefined && { body }),
    })
    cookie = answer.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie
    const text = await answer.text()
    const value = (text === '' ? {} : JSON.parse(text)) as { readonly code?: string }
    if (!answer.ok) throw new DeskRefused(path, value.code ?? String(answer.status), text)
    return value as T
  }
  const ask: Visitor['ask'] = (method, path, body) =>
    request(method, path, 'application/json', method === 'GET' ? undefined : JSON.stringify(body ?? {}))
  const passkey = createSoftPasskey(url)
  const invited = invitation === undefined ? {} : { invitation }
  const { challenge } = await ask<{ readonly challenge: string }>('POST', 'sign-in/passkeys/registration', invited)
  const made = { challenge, ...passkey.register(challenge), ...invited }
  const session = await ask<{ readonly person: { readonly ownDid?: Did } }>(
    'POST',
    'sign-in/passkeys/registration/complete',
    made,
  )
  return {
    passkey,
    did: session.person.ownDid,
    ask,
    send: (path, mediaType, bytes) => request('POST', path, mediaType, bytes as BodyInit),
  }
}

/** An officer's act with their key over exactly it: the desk makes the statement, the passkey signs it. */
export async function askWithWord<T>(officer: Visitor, path: string, body: object): Promise<T> {
  const { wordId, statement } = await officer.ask<{ wordId: string; statement: string }>('POST', `${path}/word`, body)
  const word = { wordId, keyId: 'key-1', signature: toBase64url(officer.passkey.sign(toUtf8(statement))) }
  return officer.ask('POST', path, { ...body, word })
}

export interface Resident extends Visitor {
  readonly did: Did
  readonly signer: Signer
  /** The passkey's word over a statement, as desks take it. */
  assertion(statement: string): { readonly keyId: string; readonly signature: string }
  /** Signs and sends a transaction, and waits until lists show it. */
  act(actions: readonly Action[]): Promise<void>
}

/** The passkey's own word that it wants to be in the group under this DID. */
export function keyProof({ passkey }: Visitor, did: Did, group: GroupClient) {
  const statement = identityStatement(group.groupId as GroupId, did)
  const { signature: proof, ...webauthn } = passkey.assert(toBase64url(sha256(statement)))
  return { key: passkey.jwk, proof, webauthn }
}

/** A resident whose DID is on the ledger by the bureau's desk. */
export async function resident(url: string, group: GroupClient): Promise<Resident> {
  const visitor = await register(url)
  const did = visitor.did as Did
  const { passkey } = visitor
  const sign = (bytes: Uint8Array) => passkey.sign(bytes)
  const signer: Signer = {
    ...{ did, keyId: 'key-1', kid: `${did}#key-1`, alg: 'WebAuthn-ES256', jwk: passkey.jwk },
    sign: async (bytes) => sign(bytes),
  }
  await visitor.ask('POST', 'bureau/identity', keyProof(visitor, did, group))
  return {
    ...visitor,
    did,
    signer,
    assertion: (text) => ({ keyId: 'key-1', signature: toBase64url(sign(toUtf8(text))) }),
    async act(actions) {
      const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, signer)
      const [outcome] = await group.submit([jws])
      if (outcome?.status !== 'committed') throw new Error(`The ledger answered ${outcome?.code ?? 'nothing'}.`)
      await group.readModelReached(outcome.height ?? 0)
    },
  }
}

/** Asks until there is an answer. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  throw new Error(`${what} did not come.`)
}
