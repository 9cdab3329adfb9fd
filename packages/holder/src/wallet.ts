/**
 * What a wallet works with: keys that sign, a way to reach others, and what it holds. The keys may lie anywhere (a platform, a
 * keystore, a device); here they only sign.
 */
import { algorithmOf, joinJws, jwsSigningInput, type PublicJwk } from '@chengxin/crypto'
import { canonicalize, toUtf8 } from '@chengxin/kernel'
import type { OpenidAnswer, OpenidRequest } from './exchange.ts'

export interface HolderKey {
  readonly jwk: PublicJwk
  /** 64 bytes, ES256. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

export interface HeldCertificate {
  /** SD-JWT VC in compact form, all fields disclosed. */
  readonly text: string
  readonly key: HolderKey
}

export interface Wallet {
  /** How others are reached; redirects are not followed, and TLS is this function's affair. */
  readonly send: (request: OpenidRequest) => Promise<OpenidAnswer>
  /** A new P-256 key; each certificate gets one of its own. */
  readonly newKey: () => Promise<HolderKey>
  /** Authorities (DER) under whose certificates verifiers are believed to be who they say. */
  readonly anchors: readonly Uint8Array[]
  readonly nowMs: () => number
}

/** A compact JWS by this key. */
export async function signToken(key: HolderKey, header: object, payload: object): Promise<string> {
  const protectedText = canonicalize({ alg: algorithmOf(key.jwk), ...header })
  const input = jwsSigningInput(protectedText, toUtf8(canonicalize(payload)))
  return joinJws(input, await key.sign(toUtf8(input)))
}

export function secondsOf(nowMs: number): number {
  return Math.floor(nowMs / 1000)
}

export function getRequest(url: string, headers: OpenidRequest['headers'] = {}): OpenidRequest {
  return { method: 'GET', url, headers, body: '' }
}

export function formRequest(
  url: string,
  members: { readonly [name: string]: string },
  headers: OpenidRequest['headers'] = {},
): OpenidRequest {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', url, headers: { ...type, ...headers }, body: new URLSearchParams(members).toString() }
}

export function jsonRequest(url: string, body: object, headers: OpenidRequest['headers'] = {}): OpenidRequest {
  const type = { 'content-type': 'application/json' }
  return { method: 'POST', url, headers: { ...type, ...headers }, body: JSON.stringify(body) }
}
