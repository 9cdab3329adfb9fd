/** Long names and ids keep both ends: people compare the beginning and the end, never the middle. */
export function shortenMiddle(text: string, head = 10, tail = 6): string {
  const characters = [...text]
  if (characters.length <= head + tail + 1) return text
  return `${characters.slice(0, head).join('')}…${characters.slice(-tail).join('')}`
}

/** `0x123456…abcdef`: what tells one DID of a city from another; the rest is the same for all and stands in the whole DID. */
export function shortenDid(did: string): string {
  const address = did.lastIndexOf(':0x')
  return address < 0 ? shortenMiddle(did, 14, 6) : shortenMiddle(did.slice(address + 1), 8, 6)
}

/** An id of any kind: the word that says what it names (`account_`) stays whole. */
export function shortenId(id: string): string {
  if (id.startsWith('did:')) return shortenDid(id)
  const prefix = /^[a-z]+_/.exec(id)?.[0] ?? ''
  return shortenMiddle(id, prefix.length + (prefix === '' ? 10 : 8), 6)
}
