/** Long names and ids keep both ends: people compare the beginning and the end, never the middle. */
export function shortenMiddle(text: string, head = 10, tail = 6): string {
  const characters = [...text]
  if (characters.length <= head + tail + 1) return text
  return `${characters.slice(0, head).join('')}…${characters.slice(-tail).join('')}`
}

/** `did:weid:sample:0x1234…cdef`: the method and the city stay whole, the address is shortened. */
export function shortenDid(did: string): string {
  const address = did.lastIndexOf(':0x')
  if (address < 0) return shortenMiddle(did, 14, 6)
  return `${did.slice(0, address + 1)}${shortenMiddle(did.slice(address + 1), 8, 6)}`
}

/** An id of any kind: the word that says what it names (`account_`) stays whole. */
export function shortenId(id: string): string {
  if (id.startsWith('did:')) return shortenDid(id)
  const prefix = /^[a-z]+_/.exec(id)?.[0] ?? ''
  return shortenMiddle(id, prefix.length + (prefix === '' ? 10 : 8), 6)
}
