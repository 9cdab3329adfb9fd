/** The trust bundle that is checked against: the city's own, or one that the reader brought. */
import { queryOptions } from '@tanstack/react-query'
import { ApiProblem } from '../api/http.ts'
import { paths } from '../api/paths.ts'
import { keptText } from '../offline/kept-text.ts'
import type { FoundBundle } from './audit-core.ts'

export interface BundleInUse {
  /** Undefined where the node has none. */
  readonly found: FoundBundle | undefined
  /** False where the node did not answer and what was kept on this device is used. */
  readonly fresh: boolean
  /** The name of the file the reader brought. */
  readonly fileName?: string
}

export const loadCore = () => import('./audit-core.ts')

export const cityBundleQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['trust-bundle', groupId],
    queryFn: async ({ signal }): Promise<BundleInUse> => {
      const core = loadCore()
      try {
        const { text, fresh } = await keptText(paths.trustBundle(groupId), signal)
        return { found: await (await core).findBundle(text, Date.now()), fresh }
      } catch (problem) {
        if (problem instanceof ApiProblem && problem.status === 404) return { found: undefined, fresh: true }
        throw problem
      }
    },
    staleTime: 60_000,
    refetchInterval: 300_000,
    // An opened bundle is an object with functions, to be kept as it is.
    structuralSharing: false,
  })

export async function bundleOfFile(file: File): Promise<BundleInUse> {
  const text = await file.text()
  return { found: await (await loadCore()).findBundle(text, Date.now()), fresh: true, fileName: file.name }
}
