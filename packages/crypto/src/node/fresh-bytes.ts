/**
 * Random bytes of the system, fetched a page at a time: a call for sixteen costs as much as one for thousands, and issuing a
 * certificate takes dozens of salts, keys and nonces. Each byte is given out once and wiped from the page as it is.
 */
import { randomFillSync } from 'node:crypto'

const pageBytes = 8192
const page = new Uint8Array(pageBytes)
let used = pageBytes

/** So many bytes that nobody has had before, in memory of their own. */
export function freshBytes(count: number): Uint8Array {
  if (count > pageBytes) return randomFillSync(new Uint8Array(count))
  if (used + count > pageBytes) {
    randomFillSync(page)
    used = 0
  }
  const bytes = page.slice(used, used + count)
  page.fill(0, used, used + count)
  used += count
  return bytes
}
