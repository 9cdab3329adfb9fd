/** Which peers an engine may keep. It asks by queries with these paths, first by address, then by the id it has proved. */

export interface PeerFilter {
  /** An address with its port, as the engine sees it. */
  admitsAddress(address: string): boolean
  /** Hex: the first 20 bytes of SHA-256 of the peer's node key. */
  admitsId(id: string): boolean
}

const addressPath = '/p2p/filter/addr/'
const idPath = '/p2p/filter/id/'

/** Undefined for a path that asks nothing about a peer. Without a filter everyone is admitted. */
export function admitsPeer(path: string, filter: PeerFilter | undefined): boolean | undefined {
  if (path.startsWith(addressPath)) return filter?.admitsAddress(path.slice(addressPath.length)) ?? true
  if (path.startsWith(idPath)) return filter?.admitsId(path.slice(idPath.length)) ?? true
  return undefined
}
