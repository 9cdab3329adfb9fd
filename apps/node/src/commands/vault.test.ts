/** The vault's verbs, as an operator runs them on a folder of a node that does not run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { dataPaths } from '../data-directory.ts'
import { openNodeVault } from '../vault/open-vault.ts'
import { run } from './vault.ts'

const place = { databaseUrl: undefined }
let home: string
const at = (name: string) => join(home, name)

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'chengxin-vault-verbs-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(home, { recursive: true, force: true })
})

/** What a verb tells, with `--json`. */
async function told(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<object> {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  expect(await run([...args, '--json'], environment)).toBe(0)
  log.mockRestore()
  return JSON.parse(lines.join('')) as object
}

test('status, a passphrase, a copy, and a vault from the copy', { timeout: 120_000 }, async () => {
  expect(await told(['status', '--data', at('data')])).toEqual({ records: 0, founded: false })
  const vault = await openNodeVault(dataPaths(at('data')), place, undefined)
  for (let index = 0; index < 30; index++) await vault.collection('words').insert(`word ${index}`, index)
  await vault.collection('words').erase('word 7')
  await vault.close()
  expect(await told(['status', '--data', at('data')])).toMatchObject({ records: 29, erased: 1, encrypted: false })

  writeFileSync(at('passphrase'), 'horse battery\n')
  const encrypting = { CHENGXIN_NEW_PASSPHRASE_FILE: at('passphrase') }
  expect(await told(['rotate', '--data', at('data')], encrypting)).toEqual({ rewrapped: 29, encrypted: true })
  await expect(run(['status', '--data', at('data')], {})).rejects.toThrow(/The vault is encrypted/)

  const opened = { CHENGXIN_PASSPHRASE_FILE: at('passphrase') }
  expect(await told(['backup', at('copy'), '--data', at('data')], opened)).toEqual({ records: 29 })
  const counts = { restored: 29, erased: 0, withoutKey: 0 }
  expect(await told(['restore', at('copy'), '--data', at('other')], opened)).toEqual(counts)
  expect(await told(['status', '--data', at('other')], opened)).toMatchObject({
    records: 29,
    erased: 1,
    encrypted: true,
  })
  const restored = await openNodeVault(dataPaths(at('other')), place, 'horse battery')
  expect((await restored.collection('words').get('word 8'))?.value).toBe(8)
  await restored.close()
})

test('what it does not understand is told as usage', async () => {
  await expect(run(['sing', '--data', at('data')], {})).rejects.toThrow(/vault status \| rotate/)
})
