/** The secret of a ticket in the part of an address that no server is sent. */
export function ticketOf(hash: string): string | undefined {
  return new URLSearchParams(hash.slice(1)).get('ticket') ?? undefined
}
