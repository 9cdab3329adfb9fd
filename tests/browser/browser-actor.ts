/** Runs inside a page: an actor whose key never leaves the browser, and what it signs and sends. Bundled by the test. */
import {
  action,
  buildTransaction,
  createNodeClient,
  createPasskey,
  type Outcome,
  type ProvenKey,
  passkeySigner,
  points,
  proveIdentityKey,
  type Signer,
  signerFromKeyPair,
} from '@chengxin/client'
import { deriveDid, generateKeyPair, type PublicJwk, sha256 } from '@chengxin/crypto'
import { type Did, type GroupId, isRefusal } from '@chengxin/kernel'

export type Kind = 'passkey' | 'EdDSA' | 'ES256'

export interface Newcomer {
  readonly did: Did
  readonly proven: ProvenKey
}

let signer: Signer | undefined

/** Makes a key in this browser, and what a registrar needs to bring its DID into the group. */
export async function arrive(kind: Kind, group: GroupId): Promise<Newcomer> {
  signer = await (kind === 'passkey' ? withPasskey() : withPlatformKey(kind))
  return { did: signer.did, proven: await proveIdentityKey(group, signer) }
}

/** Opens an account in the city's points programme, signed here and sent from here. */
export async function openAccount(group: GroupId, accountId: `account_${string}`): Promise<Outcome | undefined> {
  if (signer === undefined) throw new Error('Nobody has arrived.')
  const args = { accountId, programId: 'program_city-points' } as const
  const { jws } = await buildTransaction({ group, actions: [action(points.openAccount, args)] }, signer)
  const [outcome] = await createNodeClient({ url: location.origin }).group(group).submit([jws])
  return outcome
}

async function withPasskey(): Promise<Signer> {
  const rpId = location.hostname
  const passkey = await createPasskey({ rpId, rpName: 'Sample city', userName: 'resident' })
  return passkeySigner(passkey, { did: didOf(passkey.jwk), rpId })
}

async function withPlatformKey(kind: 'EdDSA' | 'ES256'): Promise<Signer> {
  const pair = await generateKeyPair(kind)
  if (isRefusal(pair)) throw new Error(`This browser makes no such key: ${pair.refused}.`)
  return signerFromKeyPair(pair, { did: didOf(pair.jwk) })
}

function didOf(jwk: PublicJwk): Did {
  return deriveDid(sha256, 'sample', jwk)
}
