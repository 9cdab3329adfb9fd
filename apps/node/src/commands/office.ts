/** `office`: the offices that this node serves — added with a key of their own, certified, listed, removed, their officers invited. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Signer, sampleChainId } from '@chengxin/client'
import { describeKey, makeKey, openSigner } from '@chengxin/client/node'
import { parseCertificate, requestCertificate } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { type Did, isRefusal } from '@chengxin/kernel'
import { createInvitations, type OfficeRole, officeRoles } from '@chengxin/services'
import { SettingFault } from '../config.ts'
import { pemOf } from '../consensus/member-offer.ts'
import type { DataPaths } from '../data-directory.ts'
import { type Genesis, readGenesis } from '../genesis-file.ts'
import { openOrMakeKey } from '../member-keys.ts'
import { needsOf } from '../offices/needs.ts'
import { readOfficeCertificate } from '../offices/office-certificate.ts'
import { rolesOf } from '../offices/office-roles.ts'
import {
  isCounter,
  isPurpose,
  isTexts,
  isType,
  type OfficeEntry,
  type OfficeKind,
  OfficesFault,
  type OfficesFile,
  officeKinds,
  officeWord,
  readOffices,
  writeOffices,
} from '../offices/offices-file.ts'
import { isCounterEntry, openOffices } from '../offices/open-offices.ts'
import { UsageFault } from '../usage-fault.ts'
import { openNodeVault } from '../vault/open-vault.ts'
import { runAccount } from './office-account.ts'
import { type Desk, deskFor, onlyGroup, shared, text } from './office-desk.ts'

const verbs: { readonly [verb: string]: (args: readonly string[], environment: NodeJS.ProcessEnv) => Promise<number> } =
  { add: runAdd, certify: runCertify, list: runList, invite: runInvite, remove: runRemove, account: runAccount }

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [verb = '', ...rest] = args
  const chosen = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (chosen === undefined)
    throw new UsageFault('office add|certify|list|invite|remove|account; each says what it takes.')
  return chosen(rest, environment)
}

const addUsage = `office add --office WORD --kind ${officeKinds.join('|')} [--facts FILE] [--key NAME] [--group FOLDER] [--data DIRECTORY]`

/** Makes the office's key, and what goes to the group's certificate authority. */
async function runAdd(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...shared, office: text, kind: text, facts: text, key: text, group: text },
  })
  const { office = '', kind: named } = values
  const kind = officeKinds.find((known) => known === named)
  if (!officeWord.test(office) || kind === undefined) throw new UsageFault(addUsage)
  const desk = await deskFor(environment, values)
  const { paths } = desk
  const file = await readOffices(paths.offices)
  const group = values.group ?? file?.group ?? (await onlyGroup(paths))
  if (file !== undefined && file.group !== group) throw new OfficesFault(`The offices here work in ${file.group}.`)
  if (file?.offices.some((known) => known.office === office)) throw new OfficesFault(`There is an office ${office}.`)
  const { document } = await genesisOf(paths, group)
  const facts = isCounter(kind) ? await factsFrom(values.facts) : {}
  const key = values.key ?? `office-${office}`
  const { did } = await keyOf(desk, key, { kind, chainId: document.chainId, isGiven: values.key !== undefined })
  const entry: OfficeEntry = { office, kind, did, key, ...facts }
  await writeOffices(paths.offices, { ...file, v: 1, group, offices: [...(file?.offices ?? []), entry] })
  // What this program cannot read itself would keep the node from starting.
  await readOffices(paths.offices)
  if (!isCounterEntry(entry)) {
    await writeRequests(desk, group, office)
    desk.tell({ ok: true, office, kind, did }, [`✓ ${office} is ${did}.`, nextSteps(desk, office)].join('\n'))
    return 0
  }
  const { certificateRequest, directory } = paths.office(office)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const signer = createSigner(await openOrMakeKey(paths.keys, key, desk.passphrase))
  const subject = { organizationName: entry.names.en, commonName: entry.domain }
  await writeFile(certificateRequest, pemOf('CERTIFICATE REQUEST', requestCertificate({ subject, ...signer })))
  desk.tell(
    { ok: true, office, kind, did, certificateRequest },
    [
      `✓ ${office} is ${did}; its key is in ${paths.keys} and stays there.`,
      `  ${certificateRequest}  goes to the group's certificate authority, which certifies it for ${entry.domain}.`,
      `  With what comes back: chengxin office certify --office ${office} --certificate FILE`,
    ].join('\n'),
  )
  return 0
}

/** Takes the authority's certificate, and writes down what others have to put on the ledger. */
async function runCertify(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { ...shared, office: text, certificate: text } })
  const { office, certificate } = values
  if (!office || !certificate) {
    throw new UsageFault('office certify --office WORD --certificate FILE [--data DIRECTORY]')
  }
  const desk = await deskFor(environment, values)
  const { paths } = desk
  const { file, entry } = await entryOf(paths, office)
  if (!isCounterEntry(entry)) throw new OfficesFault(`${office} needs no certificate.`)
  const { document } = await genesisOf(paths, file.group)
  const key = await describeKey(paths.keys, entry.key)
  if (isRefusal(key)) throw new OfficesFault(`The key ${entry.key} cannot be read (${key.refused}).`)
  const pem = await readFile(certificate, 'utf8')
  const { domain } = entry
  readOfficeCertificate(pem, { office, key: key.jwk, domain, genesis: document, atMs: Date.now() })
  await mkdir(paths.office(office).directory, { recursive: true, mode: 0o700 })
  await writeFile(paths.office(office).certificate, pem)
  await writeRequests(desk, file.group, office)
  desk.tell({ ok: true, office, requests: paths.office(office).requests }, nextSteps(desk, office))
  return 0
}

async function runList(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: shared })
  const { paths, tell } = await deskFor(environment, values)
  const { group, offices = [], accounts = [] } = (await readOffices(paths.offices)) ?? {}
  const rows = await Promise.all(
    offices.map(async ({ office, kind, did, domain }) => {
      const pem = await readFile(paths.office(office).certificate, 'utf8').catch(() => undefined)
      return { office, kind, did, domain, certifiedUntil: pem === undefined ? undefined : validUntil(pem) }
    }),
  )
  const lines = rows.map(({ office, kind, did, certifiedUntil }) => {
    const standing = isCounter(kind) ? (certifiedUntil ?? 'shut: no certificate yet') : ''
    return `${office.padEnd(16)} ${kind.padEnd(10)} ${did}  ${standing}`.trimEnd()
  })
  for (const { account, isAuthority, mostWeids, callsPerMinute } of accounts) {
    const what = `${mostWeids} WeIDs, ${callsPerMinute} calls a minute${isAuthority ? ', registers issuers' : ''}`
    lines.push(`${account.padEnd(16)} ${'account'.padEnd(10)} ${what}`)
  }
  const programs = accounts.map(({ tokenHash: _kept, ...rest }) => rest)
  tell(
    { ok: true, group, offices: rows, accounts: programs },
    lines.length > 0 ? lines.join('\n') : 'This node serves no office.',
  )
  return 0
}

/** The first officers come by a link; later ones are proposed by one officer and agreed to by another, at the desk. */
async function runInvite(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { ...shared, office: text, roles: text } })
  if (!values.office) {
    throw new UsageFault(`office invite --office WORD [--roles ROLE,…] [--data DIRECTORY]; ${officeRoles.join(', ')}.`)
  }
  const { settings, paths, passphrase, tell } = await deskFor(environment, values)
  const { entry } = await entryOf(paths, values.office)
  if (!isCounterEntry(entry)) throw new OfficesFault(`${values.office} is a key that acts, and has no officers.`)
  const own = rolesOf[entry.kind]
  const roles = values.roles === undefined ? own : values.roles.split(',')
  if (!roles.every((role): role is OfficeRole => own.some((known) => known === role))) {
    throw new UsageFault(`Officers of ${values.office} are ${own.join(', ')}.`)
  }
  const vault = await openNodeVault(paths, settings, passphrase)
  try {
    const secret = await createInvitations(vault, Date.now).invite(values.office, roles)
    const link = `${settings.publicUrl}/sign-in#invitation=${secret}`
    tell({ ok: true, office: values.office, roles, link }, `Good once, for three days:\n\n  ${link}\n`)
    return 0
  } finally {
    await vault.close()
  }
}

/** From the next start on. Its key and what it kept stay: certificates that it issued may still have to be revoked. */
async function runRemove(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { ...shared, office: text } })
  if (!values.office) throw new UsageFault('office remove --office WORD [--data DIRECTORY]')
  const { paths, tell } = await deskFor(environment, values)
  const { file, entry } = await entryOf(paths, values.office)
  await writeOffices(paths.offices, { ...file, offices: file.offices.filter((known) => known !== entry) })
  tell(
    { ok: true, office: values.office },
    `✓ ${values.office} stays shut from the next start on. Its key ${entry.key} and its records are kept.`,
  )
  return 0
}

async function entryOf(
  { offices: path }: DataPaths,
  office: string,
): Promise<{ readonly file: OfficesFile; readonly entry: OfficeEntry }> {
  const file = await readOffices(path)
  const entry = file?.offices.find((known) => known.office === office)
  if (file === undefined || entry === undefined) throw new OfficesFault(`This node has no office ${office}.`)
  return { file, entry }
}

async function genesisOf(paths: DataPaths, group: string): Promise<Genesis> {
  const genesis = await readGenesis(paths.group(group).genesis)
  if (genesis === undefined) throw new OfficesFault(`There is no group ${group} in ${paths.root}.`)
  if (genesis.document.chainId === sampleChainId) {
    throw new OfficesFault('The sample city has its offices already, with keys that are public.')
  }
  return genesis
}

/** Names, domain, purposes and types of an office with a counter, as a JSON file says them. */
async function factsFrom(
  file: string | undefined,
): Promise<Pick<OfficeEntry, 'names' | 'domain' | 'purposes' | 'types'>> {
  if (file === undefined) throw new UsageFault(`${addUsage}; people meet this office, so its --facts are needed.`)
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch {
    throw new OfficesFault(`${file} cannot be read as JSON.`)
  }
  const { names, domain, purposes, types, ...more } = value as { readonly [name: string]: unknown }
  const unknown = Object.keys(more)[0]
  if (unknown !== undefined) throw new OfficesFault(`${file}: ${unknown} is not known here.`)
  if (!isTexts(names)) throw new OfficesFault(`${file}: names should be texts in en, zh-Hans, zh-Hant and pt.`)
  if (typeof domain !== 'string') throw new OfficesFault(`${file}: domain is missing.`)
  const isGood =
    (purposes === undefined || (Array.isArray(purposes) && purposes.every(isPurpose))) &&
    (types === undefined || (Array.isArray(types) && types.every(isType)))
  if (!isGood) throw new OfficesFault(`${file}: a purpose or a type is not as docs/operating.md says.`)
  return { names, domain, ...(purposes && { purposes }), ...(types && { types }) }
}

interface KeyWish {
  readonly kind: OfficeKind
  readonly chainId: string
  /** Whether it should be there already. */
  readonly isGiven: boolean
}

async function keyOf(
  { paths, passphrase }: Desk,
  name: string,
  { kind, chainId, isGiven }: KeyWish,
): Promise<{ readonly did: Did }> {
  if (passphrase === undefined) {
    throw new SettingFault('An office’s key is encrypted: name a file in CHENGXIN_PASSPHRASE_FILE.')
  }
  // A seat signs with the key that the founding named; all the others get one of their own.
  if (!isGiven && !existsSync(`${paths.keys}/${name}.json`)) {
    const made = await makeKey(
      paths.keys,
      { name, algorithm: isCounter(kind) ? 'ES256' : 'EdDSA', chainId },
      passphrase,
    )
    if (isRefusal(made)) throw new OfficesFault(`The key ${name} cannot be made (${made.refused}).`)
  }
  const signer: Signer | { readonly refused: string } = await openSigner(paths.keys, name, passphrase)
  if (isRefusal(signer)) throw new OfficesFault(`The key ${name} cannot be used (${signer.refused}).`)
  if (isCounter(kind) && signer.alg !== 'ES256') throw new OfficesFault('An office that people meet has a P-256 key.')
  return { did: signer.did }
}

/** What has to stand on the ledger for one office, ready to be sent by who may. */
async function writeRequests(desk: Desk, group: string, office: string): Promise<void> {
  const { paths, passphrase } = desk
  const { file, entry } = await entryOf(paths, office)
  const { document, groupId } = await genesisOf(paths, group)
  const alone = { ...file, offices: [entry] }
  const options = { file: alone, paths, passphrase, genesis: document, atMs: Date.now(), shut: () => {} }
  const needs = await needsOf(groupId, await openOffices(options))
  const requests = needs.map(({ by, wanted }) => ({ by, ...wanted }))
  await mkdir(paths.office(office).directory, { recursive: true, mode: 0o700 })
  await writeFile(paths.office(office).requests, `${JSON.stringify(requests, undefined, 2)}\n`)
}

function nextSteps({ paths }: Desk, office: string): string {
  return [
    `  ${paths.office(office).requests}  says what registrar and authority write to the ledger;`,
    '  a node that holds their keys writes it by itself at its next start, which also opens the office.',
  ].join('\n')
}

function validUntil(pem: string): string | undefined {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem) ?? []
  const certificate = parseCertificate(new Uint8Array(Buffer.from(body, 'base64')))
  return isRefusal(certificate) ? undefined : new Date(certificate.notAfterMs).toISOString()
}
