/**
 * What the vault needs of S3-compatible storage: whole objects, read, listed by prefix, removed, and written under a
 * condition. Path-style addresses, one request an object, no multipart: a vault's records are small.
 */
import { boundedBody, VaultFull } from '@chengxin/services'
import { type BucketCredentials, encodeQuery, signedHeaders } from './signature.ts'

/** A folder of a bucket, from which nothing else reads or writes. */
export interface BucketPlace {
  /** `https://storage.example/bucket` or with a prefix behind it; without a slash at the end. */
  readonly url: string
  readonly region: string
}

/** What must be true of an object when it is written: that there is none, or that it is still this one. */
export type Condition = 'absent' | { readonly etag: string }

export interface StoredObject {
  readonly bytes: Uint8Array
  /** Opaque: another content has another one. */
  readonly etag: string
}

export interface Bucket {
  get(name: string): Promise<StoredObject | undefined>
  /** False where the condition did not hold. Throws `VaultFull`. */
  put(name: string, bytes: Uint8Array, condition?: Condition): Promise<boolean>
  /** Says nothing where there was none. */
  remove(name: string): Promise<void>
  /** Names that begin so, sorted, those behind `after`. */
  list(prefix: string, after?: string): AsyncIterable<string>
  /** Whether the bucket keeps what is removed or overwritten as an older version. */
  keepsVersions(): Promise<boolean>
}

/** The storage did not do what it was asked: the sentence says where and why, and never what was sent. */
export class BucketFault extends Error {
  override readonly name = 'BucketFault'
}

export interface BucketOptions {
  readonly place: BucketPlace
  readonly credentials: BucketCredentials
  readonly nowMs: () => number
  /** Between two attempts at the same request; grows with each. */
  readonly pauseMs?: number
}

/** At once: more would only wait in the storage. */
const requestsAtOnce = 64
const attempts = 5
const requestTimeoutMs = 60_000
/** Far above the largest record, and above a list of a thousand names. */
const answerBytes = 64 * 1024 * 1024

interface Answer {
  readonly status: number
  readonly etag: string
  readonly bytes: Uint8Array
  /** Whether an earlier attempt may have been carried out although its answer was lost. */
  readonly repeated: boolean
}

export function openBucket({ place, credentials, nowMs, pauseMs = 100 }: BucketOptions): Bucket {
  const root = new URL(place.url)
  const [, bucketName = '', ...folders] = root.pathname.split('/')
  const prefix = folders.map((folder) => `${folder}/`).join('')
  const turn = takeTurns(requestsAtOnce)

  async function once(method: string, url: URL, body: Uint8Array, headers: Headers): Promise<Omit<Answer, 'repeated'>> {
    const plain = { method, url, headers, body }
    const response = await fetch(url, {
      method,
      headers: signedHeaders(plain, credentials, { region: place.region, nowMs: nowMs() }),
      ...(method === 'PUT' && { body: new Uint8Array(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeoutMs),
    })
    const bytes = await boundedBody(response, answerBytes)
    if (bytes === undefined) {
      throw new BucketFault(
        `The storage of the vault at ${root.host} answers ${method} with more than a record can be.`,
      )
    }
    return { status: response.status, etag: response.headers.get('etag') ?? '', bytes }
  }

  async function ask(method: string, path: string, query: Query = {}, body: Uint8Array = none, headers: Headers = {}) {
    const url = new URL(`${root.origin}/${bucketName}${path}`)
    url.search = encodeQuery(query)
    for (let attempt = 1; ; attempt++) {
      let fault: unknown
      try {
        const answer = await turn(() => once(method, url, body, headers))
        // 409 is S3's word for two conditional writes that met: the storage asks to send it again.
        if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) {
          return { ...answer, repeated: attempt > 1 }
        }
        if (isFull(answer)) throw new VaultFull('The storage of the vault is full; what was written before is safe.')
        if (answer.status === 501) throw unexpected(answer, method)
        fault = unexpected(answer, method)
      } catch (error) {
        if (error instanceof VaultFull || error instanceof BucketFault) throw error
        fault = new BucketFault(`The storage of the vault at ${root.host} does not answer: ${reasonOf(error)}.`)
      }
      if (attempt === attempts) throw fault
      await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 ** attempt * (0.5 + Math.random())))
    }
  }

  function unexpected({ status, bytes }: Pick<Answer, 'status' | 'bytes'>, method: string): BucketFault {
    const code = codeOf(bytes)
    const advice = status === 403 ? ' Look at the key file, the rights of the key, the region and the clock.' : ''
    return new BucketFault(
      `The storage of the vault at ${root.host} answers ${method} with ${[status, code].join(' ').trim()}.${advice}`,
    )
  }

  async function get(name: string): Promise<StoredObject | undefined> {
    const answer = await ask('GET', `/${prefix}${name}`)
    if (answer.status === 404 && codeOf(answer.bytes) !== 'NoSuchBucket') return undefined
    if (answer.status !== 200) throw unexpected(answer, 'GET')
    return answer
  }

  return {
    get,
    async put(name, bytes, condition) {
      const headers: Headers =
        condition === undefined
          ? {}
          : condition === 'absent'
            ? { 'if-none-match': '*' }
            : { 'if-match': condition.etag }
      const answer = await ask('PUT', `/${prefix}${name}`, {}, bytes, {
        'content-type': 'application/octet-stream',
        ...headers,
      })
      if (answer.status === 200) return true
      if (isFull(answer)) throw new VaultFull('The storage of the vault is full; what was written before is safe.')
      const isGone = answer.status === 404 && codeOf(answer.bytes) !== 'NoSuchBucket'
      if (condition === undefined || !(answer.status === 412 || isGone)) throw unexpected(answer, 'PUT')
      // The attempt whose answer was lost may be what the condition now fails on.
      return answer.repeated && sameBytes((await get(name))?.bytes, bytes)
    },
    async remove(name) {
      const answer = await ask('DELETE', `/${prefix}${name}`)
      const isGone = answer.status === 404 && codeOf(answer.bytes) !== 'NoSuchBucket'
      if (![200, 204].includes(answer.status) && !isGone) throw unexpected(answer, 'DELETE')
    },
    async *list(begin, after) {
      let last = after
      for (;;) {
        const query = { 'list-type': '2', prefix: `${prefix}${begin}`, 'max-keys': '1000' }
        const answer = await ask('GET', '', { ...query, ...(last !== undefined && { 'start-after': prefix + last }) })
        if (answer.status !== 200) throw unexpected(answer, 'GET')
        const text = new TextDecoder().decode(answer.bytes)
        const names = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key.slice(prefix.length))
        yield* names
        last = names.at(-1)
        if (last === undefined || !text.includes('<IsTruncated>true</IsTruncated>')) return
      }
    },
    async keepsVersions() {
      const answer = await ask('GET', '', { versioning: '' }).catch((error: unknown) => {
        if (error instanceof BucketFault) return undefined
        throw error
      })
      // Storage that knows no versions says so in several ways; only a plain yes counts.
      return answer?.status === 200 && new TextDecoder().decode(answer.bytes).includes('<Status>Enabled</Status>')
    },
  }
}

type Query = { readonly [name: string]: string }
type Headers = { readonly [name: string]: string }
const none = new Uint8Array()

const fullCodes = ['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'StorageFull', 'ServiceQuotaExceeded']

function isFull({ status, bytes }: Pick<Answer, 'status' | 'bytes'>): boolean {
  return status === 507 || (status >= 400 && fullCodes.includes(codeOf(bytes)))
}

/** The storage's own word for what went wrong; empty where there is none. */
function codeOf(bytes: Uint8Array): string {
  return /<Code>(\w{1,64})<\/Code>/.exec(new TextDecoder().decode(bytes.subarray(0, 4096)))?.[1] ?? ''
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : error instanceof Error ? error.name : 'unknown'
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0
}

/** Lets so many run at the same time; the others wait in the order in which they came. */
function takeTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running === atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
