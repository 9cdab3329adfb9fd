/** A group of people with keys that tests can sign with, founded under the till's rules. */
import { deriveDid, joinJws, jwsSigningInput, privateJwkFrom, transactionHeaderText } from '@chengxin/crypto'
import { createSigner, createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Did, type Json, type TimeMs, toUtf8 } from '@chengxin/kernel'
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import { groupIdOf } from '../execution/genesis.ts'
import { hashText } from '../execution/leaf.ts'
import { indexRuleset } from '../execution/rules-index.ts'
import { tillRules } from './till-rules.ts'

export const startMs = 1_750_000_000_000

export interface Person {
  readonly did: Did
  readonly sign: (bytes: Uint8Array) => Uint8Array
  readonly jwk: ReturnType<typeof createSigner>['jwk']
}

export function makePerson(name: string, algorithm: 'EdDSA' | 'ES256' = 'EdDSA'): Person {
  const signer = createSigner(privateJwkFrom(algorithm, sha256(toUtf8(`person ${name}`))))
  return { did: deriveDid(sha256, 'test', signer.jwk), ...signer }
}

export const ann = makePerson('ann')
export const bo = makePerson('bo', 'ES256')
export const eve = makePerson('eve')
/** Nobody that the group knows. */
export const stranger = makePerson('stranger')

export const tillHash = hashText('the till rules')
export const tillIndex = indexRuleset(tillRules, tillHash)

const publicKey = (name: string) => createSigner(privateJwkFrom('EdDSA', sha256(toUtf8(name)))).jwk

export const tillGenesis: GenesisDocument = {
  v: 1,
  chainId: 'test',
  origin: 'ledger.example/till',
  name: 'The till',
  suite: 'intl',
  createdAtMs: startMs as TimeMs,
  readPolicy: 'public',
  stateRootEvery: 16,
  ruleset: { version: tillRules.version, hash: tillHash },
  ca: '',
  members: [
    {
      memberId: 'member_first',
      certificate: '',
      adminDids: [ann.did],
      logKey: publicKey('log key'),
      cosignerKey: publicKey('cosigner key'),
    },
  ],
  committee: { dids: [ann.did], threshold: 1 },
  identities: [
    { did: ann.did, key: ann.jwk, sponsor: 'member_first' },
    { did: bo.did, key: bo.jwk, sponsor: 'member_first' },
    { did: eve.did, key: eve.jwk, sponsor: 'member_other' },
  ],
  webauthn: [],
}

export const tillGroup = groupIdOf(tillGenesis)

const verifier = createVerifier()

export const testHost: Host = Object.freeze({
  sha256,
  verifySignature: verifier.verify,
  deriveDid: (key: Parameters<Host['deriveDid']>[0]) => deriveDid(sha256, 'test', key),
  checkCertificate: () => {
    throw new Error('The till knows no certificates.')
  },
  openReceipt: knowsNoOthers,
  openState: knowsNoOthers,
  holdsInState: knowsNoOthers,
})

function knowsNoOthers(): never {
  throw new Error('The till knows no other groups.')
}

let nonces = 0

/** A nonce that no other call has given. */
export function nextNonce(): string {
  return `nonce-${String(++nonces).padStart(8, '0')}`
}

export interface TestAction {
  readonly type: string
  readonly args: Json
  readonly for?: Did
}

/** A payload as people send it; `change` replaces or adds members. */
export function payloadOf(actions: readonly TestAction[], change: Readonly<Record<string, unknown>> = {}) {
  return { v: 1, group: tillGroup, actions, notAfter: startMs + 60_000, nonce: nextNonce(), ...change }
}

/** A signed transaction; `header` and `payload` may be any text. */
export function signText(person: Person, payload: string, header?: string): string {
  const algorithm = person.jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256'
  const input = jwsSigningInput(header ?? transactionHeaderText(algorithm, person.did, 'key-1'), toUtf8(payload))
  return joinJws(input, person.sign(toUtf8(input)))
}

export function signActions(
  person: Person,
  actions: readonly TestAction[],
  change: Readonly<Record<string, unknown>> = {},
): string {
  return signText(person, canonicalize(payloadOf(actions, change)))
}

export const payIn = (amount: bigint, note?: string): TestAction => ({
  type: 'till.payIn',
  args: { amount: String(amount), ...(note !== undefined && { note }) },
})
export const move = (to: Did, amount: bigint): TestAction => ({
  type: 'till.move',
  args: { to, amount: String(amount) },
})
