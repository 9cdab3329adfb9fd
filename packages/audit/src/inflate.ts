/** Compressed bytes of others (RFC 1950), made large again no further than the reader allows. */
import { concatBytes } from '@chengxin/kernel'

/** The bytes of a zlib stream (RFC 1950), or `undefined`: broken, followed by more, or too large: what lies beyond the limit is not even made. */
export async function inflate(compressed: Uint8Array, mostBytes: number): Promise<Uint8Array | undefined> {
  const stream = new Blob([new Uint8Array(compressed)]).stream().pipeThrough(new DecompressionStream('deflate'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.length
      if (size > mostBytes) {
        await reader.cancel()
        return undefined
      }
      parts.push(value)
    }
  } catch {
    return undefined
  }
  const whole = concatBytes(...parts)
  return endsWithChecksum(compressed, whole) ? whole : undefined
}

/**
 * Whether the stream ends with the Adler-32 of what it spells. Platforms check that where the stream ends; Node also lets
 * other bytes follow, which browsers refuse, and a file must not mean one thing here and another there.
 */
function endsWithChecksum(compressed: Uint8Array, bytes: Uint8Array): boolean {
  let low = 1
  let high = 0
  for (const byte of bytes) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  const end = compressed.subarray(-4)
  return end[0] === high >> 8 && end[1] === (high & 255) && end[2] === low >> 8 && end[3] === (low & 255)
}
