/**
 * From actions to a signed transaction (DESIGN.md, Transaction): a compact JWS over a canonical payload. The same
 * arguments, time limit and nonce give the same bytes, so that sending again can never do a thing twice.
 */
import { joinJws, jwsSigningInput, sha256, transactionHeaderText, transactionId } from '@chengxin/crypto'
import { canonicalize, type Did, type GroupId, type Json, limits, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type Action, Fault, type TransactionDefinition } from '@chengxin/module-kit'
import type { Signer } from './signer.ts'

export interface TransactionRequest {
  readonly group: GroupId
  /** One to `limits.actions`; all happen or none. */
  readonly actions: readonly Action[]
  /** After this block time the transaction can no longer enter; at most ten minutes ahead. Five minutes from now if absent. */
  readonly notAfterMs?: number
  /** 8 to 32 base64url characters, used once by this DID; 128 random bits if absent. */
  readonly nonce?: string
}

export interface SignedTransaction {
  readonly jws: string
  /** The hash of the signing input: known before any node has seen the transaction. */
  readonly id: string
}

/** How far ahead a transaction's time limit is put unless the caller says so: half of what a group admits. */
export const defaultLifetimeMs = limits.notAfterAheadMs / 2

export async function buildTransaction(request: TransactionRequest, signer: Signer): Promise<SignedTransaction> {
  const signingInput = signingInputOf(request, signer)
  const signedBytes = toUtf8(signingInput)
  const signature = await signer.sign(signedBytes)
  const jws = joinJws(signingInput, signature)
  if (jws.length > limits.transactionBytes) {
    throw new Error(`A transaction holds at most ${limits.transactionBytes} bytes; this one has ${jws.length}.`)
  }
  return { jws, id: transactionId(sha256, signedBytes) }
}

/** Under which name a transaction is signed: all that its header says. */
export type SigningName = Pick<Signer, 'alg' | 'did' | 'keyId'>

/** What is signed: `<protected>.<payload>`. */
export function signingInputOf(request: TransactionRequest, { alg, did, keyId }: SigningName): string {
  const { group, actions, notAfterMs = Date.now() + defaultLifetimeMs, nonce = randomNonce() } = request
  if (actions.length === 0 || actions.length > limits.actions) {
    throw new Error(`A transaction holds 1 to ${limits.actions} actions; this one has ${actions.length}.`)
  }
  const payload = canonicalize({ v: 1, group, actions, notAfter: notAfterMs, nonce })
  return jwsSigningInput(transactionHeaderText(alg, did, keyId), toUtf8(payload))
}

/** The id of a transaction that is signed already. */
export function transactionIdOf(jws: string): string {
  return transactionId(sha256, toUtf8(jws.slice(0, jws.lastIndexOf('.'))))
}

/**
 * An action of a verb with its arguments, checked against the verb's schema. `for` names the principal when the signer
 * acts under a delegation. Throws `ActionFault` where an argument is out of its bounds.
 */
export function action<Args>(
  definition: TransactionDefinition<Args>,
  args: Args,
  { for: principal }: { readonly for?: Did } = {},
): Action {
  const wire = wireForm(args)
  const decoded = definition.args.decode(wire)
  if (decoded instanceof Fault) throw new ActionFault(definition.type, decoded)
  return { type: definition.type, args: wire, ...(principal === undefined ? {} : { for: principal }) }
}

/** Arguments as they travel: amounts as decimal strings, absent members absent. */
function wireForm(args: unknown): { readonly [name: string]: Json } {
  return JSON.parse(canonicalize(args)) as { readonly [name: string]: Json }
}

export class ActionFault extends Error {
  override readonly name = 'ActionFault'
  readonly fault: Fault
  constructor(type: string, fault: Fault) {
    super(`${type}: ${fault.at === '' ? 'the arguments' : fault.at} should be ${fault.expected}.`)
    this.fault = fault
  }
}

export function randomNonce(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(16)))
}
