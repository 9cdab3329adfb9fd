/** One group on this node: its ledger, and the read model that follows it. */
import { join } from 'node:path'
import { createSigner } from '@chengxin/crypto/node'
import { presentations, ruleset } from '@chengxin/domains/ruleset'
import type { Ledger } from '@chengxin/ledger/face'
import { createEventDecoder, openProjection, type Projection } from '@chengxin/projection'
import type { Settings } from './config.ts'
import type { DataPaths } from './data-directory.ts'
import { GenesisFault, readGenesis } from './genesis-file.ts'
import type { InstalledRuleset } from './installed-ruleset.ts'
import { openInterim } from './interim.ts'
import type { Log } from './log.ts'
import type { MemberKeys } from './member-keys.ts'
import { sampleNodeMember } from './sample-city/genesis.ts'

export interface GroupOnNode {
  readonly name: string
  readonly ledger: Ledger
  readonly projection: Projection
  close(): Promise<void>
}

export interface OpenGroupOptions {
  readonly name: string
  readonly paths: DataPaths
  readonly settings: Settings
  readonly installed: InstalledRuleset
  readonly memberKeys: MemberKeys
  readonly log: Log
}

export async function openGroup(options: OpenGroupOptions): Promise<GroupOnNode> {
  const { name, paths, installed, memberKeys } = options
  const group = paths.group(name)
  const genesis = await readGenesis(group.genesis)
  if (genesis === undefined) throw new GenesisFault(`${group.genesis} is missing; restore it from another member.`)
  const keys = {
    log: createSigner(memberKeys.log),
    cosigner: { ...createSigner(memberKeys.cosigner), memberId: sampleNodeMember },
  }
  const ledger = await openInterim(group.directory, genesis.document, keys as never, installed.hash)
  const projection = await followLedger(ledger, options)
  return {
    name,
    ledger,
    projection,
    async close() {
      await projection.close()
      await ledger.close()
    },
  }
}

function followLedger(
  ledger: Ledger,
  { name, paths, settings, installed, log }: OpenGroupOptions,
): Promise<Projection> {
  const { databaseUrl } = settings
  return openProjection({
    source: {
      groupId: ledger.groupId,
      headHeight: () => ledger.head().height,
      agreedHash: (height) => ledger.block(height)?.agreedHash,
      blocks: (fromHeight, signal) => ledger.blocks(fromHeight, signal),
    },
    presentations,
    decodeEvent: createEventDecoder(ruleset.domains),
    database:
      databaseUrl === undefined
        ? { kind: 'pglite', directory: join(paths.readModel, name) }
        : { kind: 'postgresql', url: databaseUrl },
    revision: installed.presentation,
    notice: (level, sentence) => log[level]({ group: name }, sentence),
  })
}
