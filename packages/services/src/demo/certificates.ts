/**
 * The demonstration of certificates, in an empty city or one where it ran before: offices, residents, certificates anchored,
 * one revoked, two forged, a trust bundle signed, and all of it checked offline at the end. Every act goes through the same
 * door as anybody's, with real keys; in the sample city those of the offices are public.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GroupClient, type NodeClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { publicPart } from '@chengxin/crypto'
import { toHex } from '@chengxin/kernel'
import { decodeCsv } from '../csv/read-csv.ts'
import { type BatchPlan, planBatch } from '../issuer/batch-plan.ts'
import { displayDocument, vctOf } from '../issuer/certificate-type.ts'
import { describeFault, type Graduate, readGraduates } from '../issuer/graduates.ts'
import { anchorBatch, type IssuedCertificate, signBatch } from '../issuer/issue-batch.ts'
import { publishStatusList } from '../issuer/publish-status.ts'
import { type StatusRecord, StatusRegister } from '../issuer/status-register.ts'
import { keptInFile } from '../kept-file.ts'
import { statusListUri } from '../trust-bundle/collect-bundle.ts'
import { type AuditedFile, auditFiles } from './audited-files.ts'
import { DemoFailed, type DemoStep, done } from './demo-step.ts'
import { withAnotherHolder, withBetterGrade } from './forgeries.ts'
import { graduationClaims, graduationType } from './graduation-type.ts'
import { ensureAuthorised, ensureType, fillOffices } from './offices.ts'
import { type DemoPlaces, follow, sharingDocuments } from './places.ts'
import { publishBundle } from './publish-bundle.ts'
import { bringInResidents, confirmResidents, type Resident, residentsOf } from './residents.ts'

export interface CertificatesDemoOptions {
  /** The issuer's, and everybody's who has none of their own. */
  readonly node: NodeClient
  /** Nodes of other members, where the identity bureau and whoever verifies do their part. */
  readonly bureauNode?: NodeClient | undefined
  readonly verifierNode?: NodeClient | undefined
  /** The register of graduates, as a file's bytes. */
  readonly csv: Uint8Array
  /** Where certificates, the trust bundle and what the issuer keeps are written. */
  readonly directory: string
  /** The address that certificates name their status list by; the node's own if absent. */
  readonly publicUrl?: string
  /** Issues only so many of the register's rows. */
  readonly limit?: number
  /** Told between two steps how far the longer ones are. */
  readonly onProgress?: (step: string, count: number, of: number) => void
}

/** Certificates of one batch: enough that a root says nothing about one of them, few enough for one page of memory. */
const batchSize = 10_000

/** Runs the demonstration; each step is told when it is done. Throws `DemoFailed` with one sentence. */
export async function* certificatesDemo(options: CertificatesDemoOptions): AsyncGenerator<DemoStep> {
  const { node, directory } = options
  const graduates = readRegister(options)
  yield done('read', { rows: graduates.length })

  const places = await placesOf(options)
  const { bureau, verifier } = places
  const group = sharingDocuments(places.issuer, [bureau, verifier])
  const run = toHex(randomBytes(5))
  const urls = { bureau: bureau.url, issuer: group.url, verifier: verifier.url }
  yield done('connect', { url: node.url, group: group.groupId, run, places: urls })

  const offices = await fillOffices(bureau, run)
  yield done('offices', { newIdentities: offices.identities, newRoles: offices.roles })
  await follow(bureau, group)
  const isNewType = await ensureType(group, graduationType)
  const isNewRight = await ensureAuthorised(group, graduationType.typeId)
  yield done('issuer', { typeId: graduationType.typeId, typeDefined: isNewType, universityAuthorised: isNewRight })

  const residents = residentsOf(graduates)
  yield done('residents', { count: residents.length, transactions: await bringInResidents(bureau, residents) })
  yield done('confirmed', { count: residents.length, transactions: await confirmResidents(bureau, residents) })
  await follow(bureau, group)

  const publicGroupUrl = `${options.publicUrl ?? node.url}/v1/groups/${group.groupId}`
  const register = StatusRegister.create(`list_${run}`, statusListUri(publicGroupUrl, `list_${run}`))
  const issued: IssuedCertificate[] = []
  for (let start = 0; start < residents.length; start += batchSize) {
    const part = residents.slice(start, start + batchSize)
    yield await issueBatch(options, group, register, part, `batch_${run}-${start / batchSize}`, issued)
  }
  yield done('issued', { count: issued.length, files: join(directory, 'certificates') })

  const [good, revoked] = issued as [IssuedCertificate, IssuedCertificate]
  const keptStatus = keptInFile<StatusRecord>(join(directory, 'issuer', `list_${run}.json`))
  const publishing = { group, signer: universitySigner(), nowMs: Date.now }
  const first = await publishStatusList(register, keptStatus, publishing)
  yield done('status-published', { listId: register.listId, version: first.version, hash: first.hash })
  register.set(revoked.statusIndex, 'revoked')
  const second = await publishStatusList(register, keptStatus, publishing)
  yield done('revoked', { certificate: revoked.reference, version: second.version, hash: second.hash })

  const files = await writeSamples(directory, good, revoked)
  yield done('forged', { files: [files.forged, files.forgedHolder] })
  await follow(group, verifier)
  const bundle = await publishBundle(verifier, { directory, publicGroupUrl, nowMs: Date.now() })
  yield done('bundle', { ...bundle })

  const audited = await auditFiles(files, bundle.file, group.groupId)
  for (const { name, verdict, code, nextStep } of audited) yield done('audit', { name, verdict, code, nextStep })
  expectVerdicts(audited)
  yield summary(options, group, issued.length, files, bundle.file)
}

function readRegister({ csv, limit }: CertificatesDemoOptions): readonly Graduate[] {
  const text = decodeCsv(csv)
  const rows = typeof text === 'string' ? readGraduates(text) : { faults: [text] }
  if ('faults' in rows) {
    const [first, ...rest] = rows.faults.map(describeFault)
    const more = rest.length > 0 ? ` (and ${rest.length} more faults)` : ''
    throw new DemoFailed('read', `The register was refused, nothing was issued. ${first}${more}`, rest)
  }
  const wanted = rows.slice(0, limit)
  if (wanted.length < 2) throw new DemoFailed('read', 'The demonstration needs at least two graduates.')
  return wanted
}

async function placesOf({ node, bureauNode, verifierNode }: CertificatesDemoOptions): Promise<DemoPlaces> {
  const issuer = await sampleGroup(node)
  const placeAt = async (other: NodeClient | undefined) => {
    if (other === undefined || other.url === node.url) return issuer
    const place = await sampleGroup(other)
    if (place.groupId === issuer.groupId) return place
    throw new DemoFailed('connect', `${other.url} and ${node.url} keep different sample cities.`)
  }
  return { issuer, bureau: await placeAt(bureauNode), verifier: await placeAt(verifierNode) }
}

async function sampleGroup(node: NodeClient): Promise<GroupClient> {
  const samples = (await node.groups()).filter(({ sample }) => sample)
  if (samples.length !== 1 || !samples[0]) {
    throw new DemoFailed('connect', 'The demonstration runs in the sample city only, and this node does not keep it.')
  }
  return node.group(samples[0].id)
}

/** The university's key, signing on this thread: thousands of certificates are signed with it. */
function universitySigner() {
  const { did, privateJwk } = sampleActor('university')
  return nativeSigner(privateJwk, { did })
}

async function issueBatch(
  { directory, onProgress }: CertificatesDemoOptions,
  group: GroupClient,
  register: StatusRegister,
  residents: readonly Resident[],
  batchId: `batch_${string}`,
  issued: IssuedCertificate[],
): Promise<DemoStep> {
  const { typeId } = graduationType
  const signer = universitySigner()
  const wanted = residents.map(({ graduate, signer: { did }, certificateKey }) => ({
    reference: graduate.values.student_no,
    holderKey: publicPart(certificateKey),
    claims: graduationClaims(graduate, did),
  }))
  const vct = vctOf(group.groupId, typeId)
  const { hash: displayHash } = displayDocument(graduationType)
  const kept = keptInFile<BatchPlan>(join(directory, 'issuer', `${batchId}.json`))
  await kept.save(
    planBatch(wanted, { batchId, typeId, vct, issuer: signer.did, displayHash, register, nowMs: Date.now() }),
  )
  const batch = await anchorBatch(kept, { group, signer, nowMs: Date.now })
  for await (const certificate of signBatch(batch, signer)) {
    issued.push(certificate)
    if (issued.length % 100 === 0) onProgress?.('issued', issued.length, residents.length)
  }
  await writeCertificates(directory, issued.slice(-residents.length))
  // The plan says everything about everybody; from here on only the holders need to.
  await kept.erase()
  const { height = 0, id = '' } = batch.outcome
  const receipt = `${group.url}/receipts/${id}`
  return done('anchored', { batchId, count: residents.length, root: batch.tree.root, height, transaction: id, receipt })
}

async function writeCertificates(directory: string, issued: readonly IssuedCertificate[]): Promise<void> {
  const folder = join(directory, 'certificates')
  await mkdir(folder, { recursive: true })
  for (const { reference, text } of issued) await writeFile(join(folder, `${reference}.sd-jwt`), text, { mode: 0o600 })
}

export interface SampleFiles {
  readonly good: string
  readonly revoked: string
  readonly forged: string
  readonly forgedHolder: string
}

async function writeSamples(
  directory: string,
  good: IssuedCertificate,
  revoked: IssuedCertificate,
): Promise<SampleFiles> {
  const thief = publicPart(sampleActor('university').privateJwk)
  const texts = {
    good: good.text,
    revoked: revoked.text,
    forged: withBetterGrade(good.text),
    forgedHolder: withAnotherHolder(good.text, thief),
  }
  const path = (name: string) => join(directory, `${name}.sd-jwt`)
  const files = {
    good: path('good'),
    revoked: path('revoked'),
    forged: path('forged'),
    forgedHolder: path('forged-holder'),
  }
  for (const name of ['good', 'revoked', 'forged', 'forgedHolder'] as const) await writeFile(files[name], texts[name])
  return files
}

function expectVerdicts(audited: readonly AuditedFile[]): void {
  const expected = { good: 'valid', revoked: 'not_valid', forged: 'not_valid', forgedHolder: 'not_valid' }
  for (const { name, verdict, code } of audited) {
    if (verdict === expected[name]) continue
    throw new DemoFailed('audit', `The ${name} certificate should be ${expected[name]}, but is ${verdict} (${code}).`)
  }
}

function summary(
  { directory, node }: CertificatesDemoOptions,
  group: GroupClient,
  anchored: number,
  files: SampleFiles,
  bundle: string,
): DemoStep {
  return done('summary', {
    anchored,
    revoked: 1,
    forged: 'refused',
    group: group.groupId,
    files: { certificates: join(directory, 'certificates'), ...files, bundle },
    check: `${node.url}/check`,
    explorer: `${node.url}/explorer`,
  })
}
