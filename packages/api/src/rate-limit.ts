/** Token buckets: each address may ask so often in the long run and so much at once. Memory is bounded. */

export interface RateLimit {
  /** Takes one token of the address: undefined, or the milliseconds until there is one again. */
  take(address: string, nowMs: number): number | undefined
}

const addressesKept = 20_000

export function createRateLimit(perSecond: number, atOnce: number): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    take: (address, nowMs) => {
      const name = bucketOf(address)
      const known = buckets.get(name)
      const bucket = known ?? { tokens: atOnce, atMs: nowMs }
      bucket.tokens = Math.min(atOnce, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * perSecond) / 1000)
      bucket.atMs = nowMs
      // The last used stand last, so that the first is the one to forget.
      if (known !== undefined) buckets.delete(name)
      buckets.set(name, bucket)
      if (buckets.size > addressesKept) for (const oldest of buckets.keys()) return forget(oldest, bucket)
      return spend(bucket)
    },
  }

  function forget(oldest: string, bucket: { tokens: number }): number | undefined {
    buckets.delete(oldest)
    return spend(bucket)
  }
  function spend(bucket: { tokens: number }): number | undefined {
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond)
    bucket.tokens -= 1
    return undefined
  }
}

/** One subscriber of IPv6 has a network of 64 bits: counting single addresses would count nobody. */
export function bucketOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - (tail === '' ? 0 : tail.split(':').length)
  return [...first, ...Array<string>(Math.max(0, zeros)).fill('0')].slice(0, 4).join(':')
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
