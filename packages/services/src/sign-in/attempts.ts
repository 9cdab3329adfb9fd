/** How often an address may try: so many within a minute. Memory is bounded, and forgets whoever came first. */

export interface Attempts {
  /** False where the address has tried too often. */
  take(address: string | undefined): boolean
}

const windowMs = 60_000
const addressesKept = 20_000

export function createAttempts(perMinute: number, nowMs: () => number): Attempts {
  const seen = new Map<string, { count: number; sinceMs: number }>()
  return {
    take(address = '') {
      const known = seen.get(address)
      if (known !== undefined && known.sinceMs + windowMs > nowMs()) {
        known.count++
        return known.count <= perMinute
      }
      seen.delete(address)
      seen.set(address, { count: 1, sinceMs: nowMs() })
      for (const oldest of seen.keys()) {
        if (seen.size <= addressesKept) break
        seen.delete(oldest)
      }
      return true
    },
  }
}
