/** Founding the sample city where a data directory holds no group yet. */
import { type DataPaths, groupNames } from '../data-directory.ts'
import { writeGenesis } from '../genesis-file.ts'
import type { InstalledRuleset } from '../installed-ruleset.ts'
import type { MemberKeys } from '../member-keys.ts'
import { sampleGenesis, sampleGroupName } from './genesis.ts'

export interface FoundOptions {
  readonly paths: DataPaths
  readonly publicUrl: string
  readonly ruleset: InstalledRuleset
  readonly memberKeys: MemberKeys
  readonly nowMs: number
}

/** Writes the genesis of the sample city if there is no group; tells whether it did. */
export async function foundSampleCity({
  paths,
  publicUrl,
  ruleset,
  memberKeys,
  nowMs,
}: FoundOptions): Promise<boolean> {
  if ((await groupNames(paths)).length > 0) return false
  const { version, hash } = ruleset
  const text = sampleGenesis({ publicUrl, atMs: nowMs, ruleset: { version, hash }, memberKeys })
  await writeGenesis(paths.group(sampleGroupName).genesis, text)
  return true
}
