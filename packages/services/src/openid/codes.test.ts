import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openidCodes } from './codes.ts'
import { refusalAnswer } from './exchange.ts'

/** Issuers and verifiers, and the holder's side, which is a package of its own. */
const homes = [new URL('.', import.meta.url), new URL('../../../holder/src/', import.meta.url)]

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(directory, entry.name)) : [join(directory, entry.name)],
  )
}

/** What a wallet makes of a verifier, and of a vault of its own, is the agent’s and the page’s to refuse, in codes of their own. */
const ofTheWallet = /\/holder\/src\/((asker|choose|judge-request|registration)\.ts$|self-custody\/)/

const texts = (isWanted: (name: string) => boolean) =>
  homes
    .flatMap(({ pathname }) => filesBelow(pathname))
    .filter(
      (name) =>
        isWanted(name) && !ofTheWallet.test(name) && !name.endsWith('codes.ts') && !name.endsWith('codes.test.ts'),
    )
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n')

const code = texts((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
const tests = texts((name) => name.endsWith('.test.ts'))

test('every code is given by the code, expected by a test, and answered as the standards spell errors', () => {
  for (const [name, [error, status, sentence]] of Object.entries(openidCodes)) {
    expect(code, name).toContain(`'${name}'`)
    expect(tests, name).toContain(`'${name}'`)
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    const answer = refusalAnswer({ refused: name })
    expect(answer.status).toBe(status)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(JSON.parse(answer.body)).toEqual({ error, error_description: sentence, code: name })
  }
})

test('nothing is refused with a code that is not listed', () => {
  for (const [, name = ''] of code.matchAll(/refuse\('([a-z0-9_]+)'\)/g))
    expect(Object.keys(openidCodes)).toContain(name)
  expect(() => refusalAnswer({ refused: 'unheard_of' })).toThrow('unheard_of')
})
