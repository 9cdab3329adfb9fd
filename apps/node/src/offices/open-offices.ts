/** Opens the offices that `offices.json` names: keys from the keystore, certificates from the folder beside the file. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Signer } from '@chengxin/client'
import { openSigner } from '@chengxin/client/node'
import { sha256 } from '@chengxin/crypto'
import { isRefusal, toBase64url } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import { typeFrom } from '@chengxin/services/issuer'
import type { Purpose, Registration } from '@chengxin/services/verifier'
import type { DataPaths } from '../data-directory.ts'
import { claimingPurpose } from './claiming.ts'
import { readOfficeCertificate } from './office-certificate.ts'
import type { BureauOffice, OfficeSigner, Offices, WrittenType } from './offices.ts'
import {
  type CounterKind,
  isCounter,
  type OfficeEntry,
  type OfficeKind,
  OfficesFault,
  type OfficesFile,
  type TypeEntry,
} from './offices-file.ts'

export interface OpenOfficesOptions {
  readonly file: OfficesFile
  readonly paths: DataPaths
  readonly passphrase: string | undefined
  readonly genesis: GenesisDocument
  readonly atMs: number
  /** Told of an office that stays shut until its certificate is there. */
  readonly shut: (office: string) => void
}

/** An office with a counter, as the file has it. */
export interface CounterEntry extends OfficeEntry {
  readonly kind: CounterKind
  readonly names: NonNullable<OfficeEntry['names']>
  readonly domain: string
}

type Opened = CounterEntry & { readonly signer: OfficeSigner }

/** Throws `OfficesFault` where a key or a certificate is not what the file says. */
export async function openOffices(options: OpenOfficesOptions): Promise<Offices> {
  const { file, shut } = options
  // Two entries may act by one key, and opening it costs what guessing is to cost.
  const held = new Map<string, Signer>()
  const counters: Opened[] = []
  const acting: { readonly kind: OfficeKind; readonly signer: Signer }[] = []
  for (const entry of file.offices) {
    const signer = held.get(`${entry.key} ${entry.did}`) ?? (await signerOf(entry, options))
    held.set(`${entry.key} ${entry.did}`, signer)
    if (!isCounterEntry(entry)) {
      acting.push({ kind: entry.kind, signer })
      continue
    }
    const x509 = await certificateOf(entry, signer, options)
    if (x509 === undefined) shut(entry.office)
    else counters.push({ ...entry, signer: { ...signer, x509 } })
  }
  const acts = (kind: OfficeKind) => acting.find((each) => each.kind === kind)?.signer
  const [authority, registrar, keeper, agent] = [acts('authority'), acts('registrar'), acts('keeper'), acts('agent')]
  const bureau = counters.find(({ kind }) => kind === 'bureau')
  const issuing = counters.filter(({ kind }) => kind === 'issuer' || kind === 'department')
  return {
    ...(bureau && { bureau: bureauOf(bureau, registrar) }),
    issuers: issuing.map((entry) => ({ ...publicPart(entry), types: (entry.types ?? []).map(writtenType) })),
    asking: counters.flatMap((entry) => {
      const registration = registrationOf(entry, entry.signer.x509)
      return registration ? [{ office: entry.office, registration, signer: entry.signer }] : []
    }),
    sources: issuing.flatMap(({ office, did, names, types = [] }) =>
      // Of an unlinkable type nobody knows whose a licence is, so that nobody could be asked.
      types.flatMap((type) => (type.linkage === 'identified' ? [{ office, did, names, ...licenceTypeOf(type) }] : [])),
    ),
    ...(authority && { authority }),
    ...(registrar && { registrar }),
    ...(keeper && { keeper }),
    ...(agent && { agent: agent.did }),
    identities: [...counters, ...acting.filter(({ kind }) => kind !== 'seat')].map(({ signer }) => signer),
    seats: acting.filter(({ kind }) => kind === 'seat').map(({ signer }) => signer),
    accounts: file.accounts ?? [],
  }
}

export function isCounterEntry(entry: OfficeEntry): entry is CounterEntry {
  return isCounter(entry.kind)
}

function publicPart({ office, names, domain, signer }: Opened) {
  return { office, names, domain, signer }
}

/** The bureau's own key does everything, unless another brings identities in. */
function bureauOf(entry: Opened, registrar: Signer = entry.signer): BureauOffice {
  return { ...publicPart(entry), registrar, bureau: entry.signer }
}

function licenceTypeOf(entry: TypeEntry) {
  return { type: typeFrom(entry), ...(entry.catalogue && { catalogue: entry.catalogue }) }
}

export function writtenType(entry: TypeEntry): WrittenType {
  const { fields, linkage } = entry
  return { type: { ...typeFrom(entry), linkage }, fields, linkage }
}

/** What the office is to be registered with; undefined for one that asks nobody. */
export function registrationOf(entry: CounterEntry, x509: Uint8Array): Registration | undefined {
  const purposes = purposesOf(entry)
  if (purposes.length === 0) return undefined
  const clientIds = [`x509_hash:${toBase64url(sha256(x509))}`]
  return { v: 1, verifier: entry.did, clientIds, domain: entry.domain, names: entry.names, purposes }
}

function purposesOf({ kind, purposes = [] }: CounterEntry): readonly Purpose[] {
  const isNamed = purposes.some(({ purposeId }) => purposeId === claimingPurpose.purposeId)
  return (kind === 'issuer' || kind === 'department') && !isNamed ? [claimingPurpose, ...purposes] : purposes
}

async function signerOf({ office, key, did }: OfficeEntry, { paths, passphrase }: OpenOfficesOptions): Promise<Signer> {
  const signer = await openSigner(paths.keys, key, passphrase)
  if (isRefusal(signer)) throw new OfficesFault(`The key ${key} of ${office} cannot be used (${signer.refused}).`)
  if (signer.did !== did) throw new OfficesFault(`The key ${key} of ${office} signs for ${signer.did}, not for ${did}.`)
  return signer
}

async function certificateOf(
  { office, domain }: CounterEntry,
  { jwk }: Signer,
  { paths, genesis, atMs }: OpenOfficesOptions,
): Promise<Uint8Array | undefined> {
  const { certificate } = paths.office(office)
  if (!existsSync(certificate)) return undefined
  return readOfficeCertificate(await readFile(certificate, 'utf8'), { office, key: jwk, domain, genesis, atMs })
}
