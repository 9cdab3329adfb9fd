/** The three certificates that only a sample city offers to try the check with. */
import { queryOptions } from '@tanstack/react-query'
import { keptText } from '../offline/kept-text.ts'
import { ApiProblem } from './http.ts'
import { paths } from './paths.ts'

export interface SampleFiles {
  readonly files: readonly { readonly name: string; readonly url: string }[]
  readonly bundleUrl?: string
}

export const sampleQuery = queryOptions({
  queryKey: ['sample'],
  queryFn: async ({ signal }) => {
    try {
      // Kept, so that the samples can also be tried without a network.
      return JSON.parse((await keptText(paths.sample(), signal)).text) as SampleFiles
    } catch (problem) {
      // A city that is no sample has none: that is an answer, not a failure.
      if (problem instanceof ApiProblem && problem.status === 404) return { files: [] } satisfies SampleFiles
      throw problem
    }
  },
  staleTime: 60_000,
})
