/** How answers are kept and asked again. */
import { QueryClient } from '@tanstack/react-query'
import { ApiProblem } from './http.ts'

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        // What the node refused it will refuse again; what did not reach it may.
        retry: (failures, problem) => {
          const passing = !(problem instanceof ApiProblem) || problem.status === 0 || problem.status >= 500
          return passing && failures < 2
        },
        networkMode: 'always',
      },
    },
  })
}
