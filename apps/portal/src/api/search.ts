/** Finding by id, height, DID or member. */
import { getJson } from './http.ts'
import { paths } from './paths.ts'

export interface SearchHit {
  readonly kind: string
  readonly id: string
  readonly label: string
}

export async function search(groupId: string, text: string, signal?: AbortSignal): Promise<readonly SearchHit[]> {
  return (await getJson<{ hits: readonly SearchHit[] }>(paths.search(groupId, text), signal)).hits
}
