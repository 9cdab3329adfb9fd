/** A kind of certificate: its fields, and how they are called in each language. Hashes of both are on the ledger. */
import { sha256 } from '@chengxin/crypto/node'
import type { Language } from '@chengxin/holder'
import { canonicalize, type Hash, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'

export { type Language, languages, vctOf } from '@chengxin/holder'

/** Name of the type and label of each field, in one language. */
export interface Wording {
  readonly name: string
  readonly claims: { readonly [claim: string]: string }
}

export interface TypePolicy {
  /** What may stay open when a certificate is judged, by codes of checks; nothing if absent. */
  readonly tolerated?: readonly string[]
  readonly maxStatusAgeSeconds?: number
  /** Days from the day of issue after which a certificate has expired; never if absent. */
  readonly validForDays?: number
}

export interface CertificateType {
  readonly typeId: `type_${string}`
  /** JSON Schema of the certificate's own fields. */
  readonly schema: JsonObject
  readonly display: { readonly [language in Language]: Wording }
  /** Part of the display's document, so that the ledger has its hash. */
  readonly policy?: TypePolicy
}

export interface PublicDocument {
  readonly hash: Hash
  /** The canonical text that the hash is of. */
  readonly text: string
}

export function schemaDocument({ schema }: CertificateType): PublicDocument {
  return documentOf(schema)
}

export function displayDocument({ display, policy }: CertificateType): PublicDocument {
  return documentOf({ ...display, ...(policy && { policy }) })
}

function documentOf(value: object): PublicDocument {
  const text = canonicalize(value)
  return { text, hash: toBase64url(sha256(toUtf8(text))) as Hash }
}
