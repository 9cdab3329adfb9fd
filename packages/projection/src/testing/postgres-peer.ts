/** PostgreSQL for tests that want the real server, where this machine has one. */
import { findPostgres, startPostgres, type TestPostgres } from '@chengxin/testkit'

export function testPostgres() {
  let server: TestPostgres | undefined
  const present = findPostgres() !== undefined
  return {
    present,
    start: async () => {
      if (present) server = await startPostgres()
    },
    url: () => server?.url ?? '',
    restart: async () => server?.restart(),
    stop: async () => server?.stop(),
  }
}
