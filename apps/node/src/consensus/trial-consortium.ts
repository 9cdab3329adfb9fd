/**
 * A consortium for trial on one machine: the sample city kept by several members, each with a data directory, keys and
 * ports of its own, as it would be on a host of its own.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicPart } from '@chengxin/crypto'
import { peerId } from '@chengxin/ledger'
import { dataPaths } from '../data-directory.ts'
import { readGenesis, writeGenesis } from '../genesis-file.ts'
import type { InstalledRuleset } from '../installed-ruleset.ts'
import { openMemberKeys } from '../member-keys.ts'
import { type FoundingKeys, sampleGroupName, sampleOrganisations, sharedSampleGenesis } from '../sample-city/genesis.ts'
import { UsageFault } from '../usage-fault.ts'
import { encodePeers } from '../witness/peers-file.ts'
import { openEngineKeys } from './engine-keys.ts'
import type { OrderingFile } from './ordering-file.ts'

export interface TrialMember {
  readonly memberId: string
  readonly url: string
  readonly port: number
  readonly enginePort: number
  /** Its node's data directory. */
  readonly data: string
}

export interface TrialOptions {
  readonly directory: string
  readonly members: number
  /** Of the first member's node; the others follow, and the engines twenty above. */
  readonly port: number
  readonly ruleset: InstalledRuleset
  readonly nowMs: number
}

export interface Trial {
  readonly group: string
  readonly members: readonly TrialMember[]
  /** Whether it was there before. */
  readonly isContinued: boolean
}

const enginePortsAbove = 20
/** Fewer cannot lose one and go on. */
const fewest = 4

/** Lays out what is missing, and the addresses anew. Throws `UsageFault` where another number of members is there. */
export async function layOutTrial({ directory, members: count, port, ruleset, nowMs }: TrialOptions): Promise<Trial> {
  const most = sampleOrganisations.length
  if (!(count >= fewest && count <= most)) {
    throw new UsageFault(`A trial has ${fewest} to ${most} members: ${fewest} are the fewest that can lose one.`)
  }
  const members = sampleOrganisations.slice(0, count).map((memberId, index): TrialMember => {
    const at = port + index
    const [url, enginePort] = [`http://localhost:${at}`, at + enginePortsAbove]
    return { memberId, url, port: at, enginePort, data: folderOf(directory, memberId) }
  })
  const isContinued = await holdToCount(directory, count)
  const keys = new Map<string, FoundingKeys & { readonly peerId: string }>()
  for (const { memberId, data } of members) keys.set(memberId, await foundingKeys(data))
  const group = isContinued ? await groupOf(members) : await found(members, keys, ruleset, nowMs)
  for (const member of members) {
    await writeOrdering(member, members, keys)
    await writePeers(member, members)
  }
  return { group, members, isContinued }
}

/** What a member would send to the founders: public halves alone. */
async function foundingKeys(data: string): Promise<FoundingKeys & { readonly peerId: string }> {
  const { keys } = dataPaths(data)
  const { log, cosigner } = await openMemberKeys(keys, undefined)
  const { validator, node } = await openEngineKeys(keys, undefined)
  return {
    logKey: publicPart(log),
    cosignerKey: publicPart(cosigner),
    validatorKey: publicPart(validator),
    peerId: Buffer.from(peerId(node), 'hex').toString('base64url'),
  }
}

async function found(
  members: readonly TrialMember[],
  keys: ReadonlyMap<string, FoundingKeys>,
  { version, hash }: InstalledRuleset,
  atMs: number,
): Promise<string> {
  const origins = members.map(({ url }) => url)
  const publicUrl = origins[0] as string
  const text = sharedSampleGenesis({ publicUrl, origins, atMs, ruleset: { version, hash }, members: keys })
  for (const { data } of members) await writeGenesis(dataPaths(data).group(sampleGroupName).genesis, text)
  return groupOf(members)
}

async function groupOf(members: readonly TrialMember[]): Promise<string> {
  const ids = await Promise.all(
    members.map(async ({ data }) => {
      const { genesis } = dataPaths(data).group(sampleGroupName)
      return (await readGenesis(genesis))?.groupId
    }),
  )
  const [first] = ids
  if (first !== undefined && ids.every((id) => id === first)) return first
  throw new UsageFault('The members in this directory are not all of one group: name another directory in --data.')
}

async function writeOrdering(
  { data, enginePort, memberId }: TrialMember,
  members: readonly TrialMember[],
  keys: ReadonlyMap<string, { readonly peerId: string }>,
): Promise<void> {
  const ordering: OrderingFile = {
    driver: 'cometbft',
    listen: { host: '127.0.0.1', port: enginePort },
    peers: members
      .filter((other) => other.memberId !== memberId)
      .map((other) => {
        const id = Buffer.from(keys.get(other.memberId)?.peerId ?? '', 'base64url').toString('hex')
        return { id, host: '127.0.0.1', port: other.enginePort }
      }),
    isOneHost: true,
  }
  await writeFile(dataPaths(data).group(sampleGroupName).ordering, `${JSON.stringify(ordering, undefined, 2)}\n`)
}

/** Whom each member's node asks for cosignatures. */
async function writePeers({ data, memberId }: TrialMember, members: readonly TrialMember[]): Promise<void> {
  const others = members.filter((other) => other.memberId !== memberId)
  const peers = others.map((other) => ({ memberId: other.memberId, nodeUrl: other.url }))
  await writeFile(dataPaths(data).group(sampleGroupName).peers, encodePeers(peers))
}

/** Remembers with how many members a directory was founded; tells whether that came to its end before. */
async function holdToCount(directory: string, count: number): Promise<boolean> {
  const file = join(directory, 'consortium.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(file, `${JSON.stringify({ members: count })}\n`)
    return false
  }
  const { members } = JSON.parse(text) as { readonly members: number }
  if (members !== count) {
    throw new UsageFault(`${directory} holds a consortium of ${members}: continue it so, or name another in --data.`)
  }
  // The last member's genesis is written last; before that nobody has begun.
  const last = sampleOrganisations[count - 1] ?? ''
  return existsSync(dataPaths(folderOf(directory, last)).group(sampleGroupName).genesis)
}

function folderOf(directory: string, memberId: string): string {
  return join(directory, memberId.replace('member_', ''))
}
