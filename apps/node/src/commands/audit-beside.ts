/** What a node keeps beside its ledgers, read to the end: documents, trust bundles, genesis, rulesets, keys. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBundle } from '@chengxin/audit'
import { loadKey } from '@chengxin/client/node'
import { sha256 } from '@chengxin/crypto/node'
import { type GroupId, isRefusal, toBase64url } from '@chengxin/kernel'
import type { Damage } from '@chengxin/ledger'
import type { DataPaths } from '../data-directory.ts'
import { GenesisFault, readGenesis } from '../genesis-file.ts'

/** Damage to a ledger or beside it. */
export type Found = Omit<Damage, 'code'> & { readonly code: string }

/** A public document is named by its hash; the trust bundle is what its committee signed. */
export async function damagedDocuments({ documents }: DataPaths): Promise<readonly Found[]> {
  const damages: Found[] = []
  const files = await readdir(documents, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const file of files) {
    if (!file.isFile() || file.name.endsWith('.part')) continue
    const path = join(file.parentPath, file.name)
    const bytes = await readFile(path)
    if (file.name === 'trust-bundle.json') {
      const bundle = await openBundle(bytes.toString('utf8'), { pins: { group: groupOfFolder(file.parentPath) } })
      if (isRefusal(bundle)) damages.push(damagedBundle(path, bundle.refused))
      continue
    }
    if (toBase64url(sha256(bytes)) === file.name.split('.')[0]) continue
    const advice = 'Delete it: it is served by no node, and whoever published it can publish it again.'
    damages.push({ code: 'document_damaged', file: path, at: 'its content', advice })
  }
  return damages
}

function groupOfFolder(path: string): GroupId {
  return path.slice(path.lastIndexOf('/') + 1) as GroupId
}

function damagedBundle(file: string, at: string): Found {
  const advice = 'Delete it, and have the committee publish a new one: verifiers refuse this one.'
  return { code: 'document_damaged', file, at, advice }
}

/** The genesis of a group and every ruleset on its shelf. */
export async function damagedFoundations(paths: DataPaths, name: string): Promise<readonly Found[]> {
  const { genesis, rulesets } = paths.group(name)
  const damages: Found[] = []
  try {
    await readGenesis(genesis)
  } catch (error) {
    if (!(error instanceof GenesisFault)) throw error
    const advice = 'Restore it from a backup or from another member: the group is named by its hash.'
    damages.push({ code: 'genesis_damaged', file: genesis, at: error.message, advice })
  }
  for (const file of await readdir(rulesets).catch(() => [])) {
    const path = join(rulesets, file)
    if (!file.endsWith('.js') || `${toBase64url(sha256(await readFile(path)))}.js` === file) continue
    const advice = 'Install the program that carried it once more, or copy the file from another member.'
    damages.push({ code: 'ruleset_damaged', file: path, at: 'its content', advice })
  }
  return damages
}

/** Keystore files as far as they can be judged without their passphrase. */
export async function damagedKeys({ keys }: DataPaths): Promise<readonly Found[]> {
  const damages: Found[] = []
  for (const file of await readdir(keys).catch(() => [])) {
    if (!file.endsWith('.json')) continue
    const facts = await loadKey(keys, file.slice(0, -'.json'.length), undefined)
    if (!isRefusal(facts) || facts.refused === 'passphrase_needed') continue
    const advice = 'Restore it from a backup; the group would need a new key of this member otherwise.'
    damages.push({ code: 'key_file_damaged', file: join(keys, file), at: facts.refused, advice })
  }
  return damages
}
