/**
 * X.509 certificates of issuers, which the trust bundle carries, so that a short form need not: half a kilobyte each. A name is
 * the beginning of the SHA-256; nothing rests on it but which of the listed ones is meant, since what is put in its place is
 * under the issuer's signature.
 */
import { fromBase64, type Sha256 } from '@chengxin/crypto'
import { toBase64url } from '@chengxin/kernel'
import type { BundlePayload } from '../bundle-payload.ts'
import { parseJwt } from '../jwt.ts'

export interface KnownCertificates {
  nameOf(der: Uint8Array): Uint8Array | undefined
  find(name: Uint8Array): Uint8Array | undefined
}

export const nameBytes = 8
const mostListBytes = 1024 * 1024

export const noCertificates: KnownCertificates = { nameOf: () => undefined, find: () => undefined }

/** Those that the bundle lists, and those that its status lists are signed with. Read when the first is asked for. */
export function knownCertificates(sha256: Sha256, payload: BundlePayload): KnownCertificates {
  let byName: Map<string, Uint8Array> | undefined
  const nameOf = (der: Uint8Array) => sha256(der).subarray(0, nameBytes)
  const all = () => {
    byName ??= new Map(listed(payload).map((der) => [toBase64url(nameOf(der)), der]))
    return byName
  }
  return {
    nameOf(der) {
      const name = nameOf(der)
      return all().has(toBase64url(name)) ? name : undefined
    },
    find: (name) => all().get(toBase64url(name)),
  }
}

function listed({ issuers, statusLists }: BundlePayload): readonly Uint8Array[] {
  const ofLists = statusLists.flatMap(({ token }) => parseJwt(token, mostListBytes)?.header['x5c'] ?? [])
  return [...issuers.flatMap(({ certificates = [] }) => certificates), ...ofLists].flatMap((text) => {
    const der = typeof text === 'string' ? fromBase64(text) : undefined
    return der ? [der] : []
  })
}
