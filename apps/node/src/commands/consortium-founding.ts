/** `consortium init`, `genesis` and `install`: from organisations that know each other to a group that they all can start. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { sampleChainId } from '@chengxin/client'
import { readSettings, SettingFault } from '../config.ts'
import { FoundingFault, foundGroup, orderingOf, stateRootEveryUnlessSaid } from '../consensus/founding.ts'
import { encodeOffer, type MemberOffer, makeOffer, parseOffer } from '../consensus/member-offer.ts'
import { readPem } from '../consensus/read-pem.ts'
import { dataPaths, type GroupPaths } from '../data-directory.ts'
import { parseGenesis, readGenesis, writeGenesis } from '../genesis-file.ts'
import { readInstalledRuleset } from '../installed-ruleset.ts'
import { writeJoining } from '../joining/joining-file.ts'
import { openMemberKeys } from '../member-keys.ts'
import { keystorePassphrase } from '../secrets.ts'
import { UsageFault } from '../usage-fault.ts'
import { encodePeers } from '../witness/peers-file.ts'

type Environment = NodeJS.ProcessEnv
type Tell = (isJson: boolean, facts: { readonly [fact: string]: unknown }, told: string) => void

const tell: Tell = (isJson, facts, told) => console.log(isJson ? JSON.stringify(facts) : told)

const json = { json: { type: 'boolean', default: false } } as const

/** This organisation's keys, and what it gives to the others. */
export async function runInit(args: readonly string[], environment: Environment): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { ...json, member: text, organisation: text, chain: text, url: text, engine: text, data: text, out: text },
  })
  const { member, organisation, chain, url, engine } = values
  if (!member || !organisation || !chain || !url || !engine) {
    throw new UsageFault(
      'consortium init --member member_NAME --organisation NAME --chain WORD --url ADDRESS --engine HOST:PORT [--data DIRECTORY] [--out DIRECTORY]',
    )
  }
  const passphrase = await keystorePassphrase(environment)
  if (passphrase === undefined && chain !== sampleChainId) {
    throw new SettingFault('A member’s keys are encrypted: name a file in CHENGXIN_PASSPHRASE_FILE.')
  }
  const { keys } = dataPaths(dataOf(values.data, environment))
  const facts = { chainId: chain, memberId: member, organisation, url, engine: addressOf(engine) }
  const { offer, certificateRequest } = await makeOffer(facts, keys, passphrase)
  const out = resolve(values.out ?? '.')
  const [offerFile, requestFile] = [join(out, `${member}.offer.json`), join(out, `${member}.csr.pem`)]
  const offerText = encodeOffer(offer)
  // What a member cannot read itself, nobody else will.
  parseOffer(offerText, offerFile)
  await mkdir(out, { recursive: true })
  await writeFile(offerFile, offerText)
  await writeFile(requestFile, certificateRequest)
  tell(
    values.json,
    { ok: true, member, offer: offerFile, certificateRequest: requestFile, keys },
    [
      `✓ The keys of ${member} are in ${keys} and stay there.`,
      `  ${offerFile}  goes to every other founder`,
      `  ${requestFile}  goes to the group's certificate authority`,
    ].join('\n'),
  )
  return 0
}

/** The shared genesis, which every founder makes from the same files and compares. */
export async function runGenesis(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values, positionals: offerFiles } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...json,
      ...{ name: text, origin: text, at: text, threshold: text, ca: text, certificates: text },
      read: { type: 'string', default: 'members' },
      'state-root-every': { type: 'string', default: String(stateRootEveryUnlessSaid) },
      out: { type: 'string', default: 'genesis.json' },
    },
  })
  const { name, origin, at, threshold, ca, certificates, read } = values
  const isWhole = name && origin && at && threshold && ca && certificates && offerFiles.length > 0
  if (!isWhole || (read !== 'public' && read !== 'members')) {
    throw new UsageFault(
      'consortium genesis --name TEXT --origin TEXT --at TIME --threshold NUMBER --ca FILE --certificates DIRECTORY [--read public|members] [--state-root-every ENTRIES] [--out FILE] OFFER…',
    )
  }
  const offers = await readOffers(offerFiles)
  const { version, hash } = await readInstalledRuleset(new URL('.', import.meta.url))
  const genesis = foundGroup({
    name,
    origin,
    createdAtMs: timeOf(at),
    readPolicy: read,
    threshold: wholeNumber('--threshold', threshold),
    ruleset: { version, hash },
    ca: await readPem(ca),
    certificates: await certificatesOf(offers, certificates),
    offers,
    stateRootEvery: wholeNumber('--state-root-every', values['state-root-every']),
  })
  await writeFile(values.out, genesis)
  const { groupId } = parseGenesis(genesis, values.out)
  tell(
    values.json,
    { ok: true, group: groupId, file: resolve(values.out), ruleset: hash, members: offers.length },
    [
      `✓ ${resolve(values.out)} founds the group ${groupId}`,
      `  under the rules ${version} (${hash}).`,
      '  Every founder must come to this very group: compare it before you install it.',
    ].join('\n'),
  )
  return 0
}

/** Puts the group into this node's data directory, ready to start. */
export async function runInstall(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals: offerFiles } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...json,
      genesis: { type: 'string', default: 'genesis.json' },
      group: { type: 'string' },
      data: { type: 'string' },
      alone: { type: 'boolean', default: false },
      'from-snapshot': { type: 'boolean', default: false },
    },
  })
  const { group, genesis: file, alone } = values
  if (group === undefined || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(group) || offerFiles.length === 0) {
    throw new UsageFault(
      'consortium install --group WORD [--genesis FILE] [--data DIRECTORY] [--alone | --from-snapshot] OFFER…',
    )
  }
  const { document, text, groupId } = parseGenesis(await readFile(file, 'utf8'), file)
  const paths = dataPaths(dataOf(values.data, environment))
  const { log } = await openMemberKeys(paths.keys, await keystorePassphrase(environment))
  const offers = await readOffers(offerFiles)
  const founder = document.members.find(({ logKey }) => logKey.x === log.x)
  const memberId = founder?.memberId ?? offers.find(({ logKey }) => logKey.x === log.x)?.memberId
  if (memberId === undefined) {
    throw new FoundingFault(
      `Neither ${file} nor an offer names the log key of ${paths.keys}: give this member's own offer too.`,
    )
  }
  const stranger = offers.find((offer) => {
    const stated = document.members.find((one) => one.memberId === offer.memberId)
    return stated !== undefined && stated.validatorKey?.x !== offer.validatorKey.x
  })
  if (stranger !== undefined) throw new FoundingFault(`${file} is not of the offer of ${stranger.memberId}.`)
  const { genesis, ordering, peers } = paths.group(group)
  const held = await readGenesis(genesis)
  if (held !== undefined && held.text !== text) throw new FoundingFault(`${genesis} founds another group.`)
  // Founders are known by their keys in the genesis; whoever joins says who it is.
  const named = { ...orderingOf(memberId, offers), ...(founder === undefined && { member: memberId }) }
  const orderingText = `${JSON.stringify(named, undefined, 2)}\n`
  await mkdir(paths.group(group).directory, { recursive: true, mode: 0o700 })
  // The genesis last: with it there is a group, and a start.
  // One organisation that keeps the group alone needs no engine: its node orders by itself.
  if (alone && document.members.length > 1) {
    throw new FoundingFault(`${file} has ${document.members.length} members, of whom none can order alone.`)
  }
  if (!alone && !existsSync(ordering)) await writeFile(ordering, orderingText)
  const others = offers.filter((offer) => offer.memberId !== memberId)
  const addresses = others.map((offer) => ({ memberId: offer.memberId, nodeUrl: offer.url }))
  if (!existsSync(peers)) await writeFile(peers, encodePeers(addresses))
  if (values['from-snapshot']) await askForSnapshot(paths.group(group), others)
  await writeGenesis(genesis, text)
  tell(
    values.json,
    { ok: true, group: groupId, member: memberId, genesis, ordering },
    `✓ ${memberId} is ready for ${groupId}: start its node with npm start.${values['from-snapshot'] ? ' It begins with a snapshot.' : ''}${alone ? '' : `\n  ${ordering} says where the others are.`}`,
  )
  return 0
}

/** The first start begins with a snapshot, held to the keys of the genesis and of these offers. */
async function askForSnapshot(group: GroupPaths, others: readonly MemberOffer[]): Promise<void> {
  if (existsSync(join(group.directory, 'log'))) {
    throw new FoundingFault(`${group.directory} holds a log already: it goes on from there, without a snapshot.`)
  }
  const members = others.flatMap(({ memberId, logKey, validatorKey }) =>
    logKey.crv === 'Ed25519' && validatorKey.crv === 'Ed25519' ? [{ memberId, logKey, validatorKey }] : [],
  )
  await writeJoining(group, members)
}

async function readOffers(files: readonly string[]): Promise<readonly MemberOffer[]> {
  return Promise.all(files.map(async (file) => parseOffer(await readFile(file, 'utf8'), file)))
}

async function certificatesOf(offers: readonly MemberOffer[], directory: string) {
  const read = async ({ memberId }: MemberOffer) =>
    [memberId, await readPem(join(directory, `${memberId}.pem`))] as const
  return new Map(await Promise.all(offers.map(read)))
}

function dataOf(data: string | undefined, environment: Environment): string {
  return readSettings(data === undefined ? environment : { ...environment, CHENGXIN_DATA: data }).dataDirectory
}

function addressOf(text: string): MemberOffer['engine'] {
  const [, host, port] = /^\[?([0-9A-Za-z.:-]+?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === undefined) throw new UsageFault(`--engine takes HOST:PORT, not "${text}".`)
  return { host, port: Number(port) }
}

function timeOf(text: string): number {
  const timeMs = Date.parse(text)
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) && !Number.isNaN(timeMs)) return timeMs
  throw new UsageFault(`--at takes a time such as 2026-11-01T08:00:00Z, not "${text}".`)
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text)
  throw new UsageFault(`${option} takes a whole number, not "${text}".`)
}
