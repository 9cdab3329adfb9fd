/** A group of its own for the benchmark, in a folder that is thrown away: the sample city's genesis and first day. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GroupClient } from '@chengxin/client'
import { createNoteSigner, generatePrivateJwk } from '@chengxin/crypto/node'
import type { GroupId } from '@chengxin/kernel'
import { type Ledger, openLedger } from '@chengxin/ledger'
import { parseGenesis } from '../genesis-file.ts'
import { readInstalledRuleset } from '../installed-ruleset.ts'
import { firstDay } from '../sample-city/first-day.ts'
import { sampleGenesis, sampleNodeMember } from '../sample-city/genesis.ts'
import { type Owner, type Submit, settleIssuer, settleOwners } from './workload.ts'

export interface BenchGroup {
  readonly directory: string
  readonly group: GroupId
  readonly owners: readonly Owner[]
  ledger(): Ledger
  submit: Submit
  /** Closes and opens again, as a restart would; resolves with the milliseconds until the ledger answers. */
  reopen(): Promise<number>
  remove(): Promise<void>
}

export async function openBenchGroup(owners: number): Promise<BenchGroup> {
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-bench-'))
  const installed = await readInstalledRuleset(new URL('.', import.meta.url))
  const memberKeys = { log: generatePrivateJwk('EdDSA'), cosigner: generatePrivateJwk('EdDSA') }
  const { version, hash } = installed
  const founding = { publicUrl: 'http://localhost:8080', atMs: Date.now(), ruleset: { version, hash }, memberKeys }
  const text = sampleGenesis(founding)
  const { document, groupId } = parseGenesis(text, 'the benchmark’s genesis')
  const open = () =>
    openLedger({
      directory,
      genesis: document,
      keys: {
        log: createNoteSigner(memberKeys.log),
        cosigner: { ...createNoteSigner(memberKeys.cosigner), memberId: sampleNodeMember },
      },
      rulesetBundle: installed.text,
    })
  let ledger = await open()
  const submit: Submit = (transactions) => ledger.submit(transactions)
  // The first day asks of its client only that it submits.
  await firstDay({ groupId, submit } as unknown as GroupClient)
  const settled = await settleOwners(groupId, submit, owners)
  await settleIssuer(groupId, submit)
  return {
    directory,
    group: groupId,
    owners: settled,
    ledger: () => ledger,
    submit,
    async reopen() {
      await ledger.close()
      const started = performance.now()
      ledger = await open()
      return performance.now() - started
    },
    async remove() {
      await ledger.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
