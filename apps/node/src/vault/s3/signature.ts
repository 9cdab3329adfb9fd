/**
 * AWS Signature Version 4 as S3 wants it: every header that is given is signed, and the hash of the body is one of them.
 * Source: “Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)”, Amazon S3 API reference.
 */
import { createHash, createHmac } from 'node:crypto'

export interface BucketCredentials {
  readonly keyId: string
  readonly secret: string
  /** Of credentials that are lent for a time. */
  readonly sessionToken?: string | undefined
}

export interface PlainRequest {
  readonly method: string
  /** With its query already encoded by `encodeQuery`, and a path that needs no encoding. */
  readonly url: URL
  /** Lower-case names. */
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}

/** The headers to send: those given, and what proves who sends them. */
export function signedHeaders(
  { method, url, headers, body }: PlainRequest,
  { keyId, secret, sessionToken }: BucketCredentials,
  { region, nowMs }: { readonly region: string; readonly nowMs: number },
): { readonly [name: string]: string } {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const all: { readonly [name: string]: string } = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(all).sort()
  const signed = names.join(';')
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1),
    ...names.map((name) => `${name}:${all[name]?.trim()}`),
    '',
    signed,
    bodyHash,
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Uint8Array>(hmac, `AWS4${secret}`)
  const signature = Buffer.from(hmac(key, toSign)).toString('hex')
  const { host: _host, ...sent } = all
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  }
}

/** A query as it is signed and sent: sorted, and with nothing left that one side might encode otherwise. */
export function encodeQuery(query: { readonly [name: string]: string }): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  return Object.keys(query)
    .sort()
    .map((name) => `${encode(name)}=${encode(query[name] as string)}`)
    .join('&')
}

function hmac(key: string | Uint8Array, text: string): Uint8Array {
  return createHmac('sha256', key).update(text).digest()
}
