/**
 * Where each part of a demonstration does its work: at one node, or each at the node of a member of its own. What was
 * written at one member shows at the others a moment later, so whoever goes on elsewhere waits for it there.
 */
import type { GroupClient } from '@chengxin/client'

export interface DemoPlaces {
  readonly bureau: GroupClient
  readonly issuer: GroupClient
  readonly verifier: GroupClient
}

/** Resolves when the one place shows whatever the other shows now. */
export async function follow(from: GroupClient, to: GroupClient): Promise<void> {
  if (to === from) return
  const { height } = (await from.get('')) as { readonly height: number }
  await to.readModelReached(height)
}

/** A place whose documents are given to others too: who reads there finds them without asking around. */
export function sharingDocuments(place: GroupClient, others: readonly GroupClient[]): GroupClient {
  const elsewhere = [...new Set(others)].filter((other) => other !== place)
  if (elsewhere.length === 0) return place
  return {
    ...place,
    async putDocument(hash, document, mediaType) {
      await place.putDocument(hash, document, mediaType)
      for (const other of elsewhere) {
        await follow(place, other)
        await other.putDocument(hash, document, mediaType)
      }
    },
  }
}
