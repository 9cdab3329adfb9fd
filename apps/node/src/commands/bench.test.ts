/** What the benchmark says of itself when it is asked, and that it measures nothing then. */
import { afterEach, expect, test, vi } from 'vitest'
import { options, run } from './bench.ts'

afterEach(() => vi.restoreAllMocks())

test.each(['--help', '-h'])('%s tells every option and measures nothing', async (asked) => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run([asked])).toBe(0)
  expect(said).toHaveBeenCalledTimes(1)
  const [text] = said.mock.calls[0] as [string]
  for (const name of Object.keys(options)) expect(text).toContain(`--${name}`)
})
