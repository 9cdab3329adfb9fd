/**
 * Rows about certificates: an issuing office with its real sealed vault in this process, over a node in a process of its own.
 * The wallets run here too, on a thread of their own, so that an exchange is told with both its ends and the share of each.
 * `cpuMsEach` is processor time, which others on the same machine do not change much.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { auditFile, openBundle, type TrustBundle } from '@chengxin/audit'
import { createNodeClient, type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { type PublicJwk, publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { expectOk, type GroupId, toBase64url, toUtf8 } from '@chengxin/kernel'
import {
  createIssuingOffice,
  graduationType,
  type IssuedCertificate,
  type IssuingOffice,
  planBatch,
  publishBundle,
  StatusRegister,
  signBatch,
  treeOfPlan,
  type Vault,
  vctOf,
} from '@chengxin/services'
import { openEntitlements } from '@chengxin/services/issuer'
import { findEndpoint, type HolderKey, signToken } from '@chengxin/services/openid'
import { nativePlatform } from '@chengxin/services/verifier'
import { dataPaths } from '../data-directory.ts'
import { openNodeVault } from '../vault/open-vault.ts'
import { benchWallet, receive } from './bench-wallet.ts'
import type { WalletsTally, WalletsTask } from './bench-wallets-worker.ts'
import { freePort } from './free-port.ts'
import { type NodeProcess, startNodeProcess } from './node-process.ts'
import { eachMs, ownProcessorTime } from './processor-time.ts'
import { type BenchRow, percentiles } from './row.ts'

export interface CertificateCity {
  readonly node: NodeProcess
  readonly group: GroupClient
  readonly office: IssuingOffice
  readonly vault: Vault
  readonly directory: string
  close(): Promise<void>
}

const { typeId } = graduationType
const claims = { student_no: 'DC2200000', name_latin: 'Cheang Ka Hou', degree_en: 'Doctor of Philosophy' }

export async function openCertificateCity(): Promise<CertificateCity> {
  const node = await startNodeProcess()
  const group = await createNodeClient({ url: node.url, patienceMs: 120_000 }).findGroup()
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-bench-vault-'))
  const vault = await openNodeVault(dataPaths(directory), { databaseUrl: undefined }, undefined)
  const port = await freePort()
  const office = await createIssuingOffice({
    ...{ office: 'bench', group, vault, publicUrl: `http://localhost:${port}`, types: [graduationType] },
    names: { en: 'Bench', 'zh-Hans': 'Bench', 'zh-Hant': 'Bench', pt: 'Bench' },
    signer: nativeSigner(sampleActor('university').privateJwk, { did: sampleActor('university').did }),
    patienceMs: 120_000,
  })
  const stopServing = await serve(office, port)
  return {
    ...{ node, group, office, vault, directory },
    async close() {
      await stopServing()
      await office.close()
      await vault.close()
      await node.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The office's addresses on a server with nothing else in it. */
async function serve({ openid, identifier }: IssuingOffice, port: number): Promise<() => Promise<void>> {
  const { origin } = new URL(identifier)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', origin)
      const found = findEndpoint(openid, request.method ?? 'GET', url.pathname)
      const headers = request.headers as { readonly [name: string]: string }
      const asked = { method: request.method ?? 'GET', url: url.href, headers, body: Buffer.concat(chunks).toString() }
      void found?.endpoint.handle(asked, found.id).then(({ status, headers: given, body }) => {
        response.writeHead(status, given).end(body)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}

/** Planning, the tree over the commitments, and signing; anchoring is one transaction for all and a row of its own. */
export async function benchIssue({ group }: CertificateCity, count: number): Promise<BenchRow> {
  const { did, privateJwk } = sampleActor('university')
  const signer = nativeSigner(privateJwk, { did })
  const holderKey = publicPart(generatePrivateJwk('ES256'))
  const wanted = Array.from({ length: count }, (_, index) => ({ reference: String(index), holderKey, claims }))
  const register = StatusRegister.create('list_bench', 'http://localhost/list', 1 << 18)
  const [started, own] = [performance.now(), ownProcessorTime()]
  const plan = planBatch(wanted, {
    ...{ batchId: 'batch_bench', typeId, vct: vctOf(group.groupId, typeId), issuer: did, register },
    nowMs: Date.now(),
  })
  const batch = { plan, tree: treeOfPlan(plan), outcome: { status: 'committed' } as const, receipt: 'r'.repeat(1200) }
  const issued: IssuedCertificate[] = []
  for await (const certificate of signBatch(batch, signer)) issued.push(certificate)
  const seconds = (performance.now() - started) / 1000
  const cpuMsEach = eachMs(own(), count)
  return {
    name: 'certificates.issue',
    perSecond: count / seconds,
    how: `${count} certificates of 3 fields on one thread: salts, commitments, tree, ES256`,
    facts: { bytes: issued[0]?.text.length ?? 0, cpuMsEach },
  }
}

/** Entitlements written to the sealed vault, each under a mark that only the office can compute. */
export async function benchEntitlements({ vault }: CertificateCity, count: number): Promise<BenchRow> {
  const book = await openEntitlements(vault, 'bench', Date.now)
  const rows = Array.from({ length: count }, (_, index) => ({
    ...{ line: index + 2, claims, documentType: 'resident_card', documentNumber: String(10_000_000 + index) },
  }))
  const [started, own] = [performance.now(), ownProcessorTime()]
  const made = await book.make('import_bench', typeId, rows)
  const seconds = (performance.now() - started) / 1000
  const cpuMsEach = eachMs(own(), made)
  return {
    name: 'entitlements.make',
    perSecond: made / seconds,
    how: `${made} entitlements into the sealed vault, flushed`,
    facts: { seconds: seconds.toFixed(2), cpuMsEach },
  }
}

/** Orders of as many residents, each with a key of its own, filled and anchored. */
export async function benchClaimed({ office, node }: CertificateCity, count: number): Promise<BenchRow> {
  const orders: { readonly subject: string; readonly key: PublicJwk }[] = []
  for (let index = 0; index < count; index++) {
    const subject = `claimed ${index}`
    orders.push({ subject, key: publicPart(generatePrivateJwk('ES256')) })
  }
  const [started, own, nodeBefore] = [performance.now(), ownProcessorTime(), node.processorMs()]
  await Promise.all(
    orders.map(async ({ subject, key }, index) => {
      await office.keepClaims(subject, typeId, claims)
      const { offerId } = expectOk(await office.offer(subject, typeId))
      const order = { orderId: `order ${index}`, subject: offerId, configurationId: typeId, holderKeys: [key] }
      const filled = expectOk(await office.fillOrder(order))
      if (filled.status !== 'ready') throw new Error('An order was not filled in time.')
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const [ownMs, nodeMs] = [own(), node.processorMs() - nodeBefore]
  const roots = new Set(
    (await Promise.all(orders.map(({ subject }) => office.recordsOf(subject)))).flat().map(({ batchId }) => batchId),
  )
  return {
    name: 'certificates.claimed',
    perSecond: count / seconds,
    how: `${count} claims at once: noted, offered, ordered, planned, anchored, signed, all in the sealed vault, flushed`,
    facts: {
      seconds: seconds.toFixed(2),
      roots: roots.size,
      cpuMsEach: eachMs(ownMs + nodeMs, count),
      ofNode: eachMs(nodeMs, count),
    },
  }
}

/** Offer, metadata, token, nonce and certificate over HTTP, with DPoP and the proof of a new key. */
export async function benchExchange({ office, node }: CertificateCity, count: number, lanes = 160): Promise<BenchRow> {
  const links: string[] = []
  for (let index = 0; index < count; index++) {
    await office.keepClaims(`exchange ${index}`, typeId, claims)
    links.push(expectOk(await office.offer(`exchange ${index}`, typeId)).uri)
  }
  const [own, nodeBefore] = [ownProcessorTime(), node.processorMs()]
  const { samplesMs, seconds, processorMs: walletsMs } = await walletsAtWork({ links, typeId, lanes })
  const [ownMs, nodeMs] = [own(), node.processorMs() - nodeBefore]
  return {
    name: 'openid4vci.exchange',
    perSecond: count / seconds,
    ...percentiles(samplesMs),
    how: `${count} whole exchanges over HTTP, ${lanes} wallets at once on a thread of their own beside the issuer's; the root is anchored by a node beside`,
    facts: {
      cpuMsEach: eachMs(ownMs + nodeMs, count),
      ofIssuer: eachMs(ownMs - walletsMs, count),
      ofWallets: eachMs(walletsMs, count),
      ofNode: eachMs(nodeMs, count),
    },
  }
}

function walletsAtWork(task: WalletsTask): Promise<WalletsTally> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL('./bench-wallets-worker.js', import.meta.url), { workerData: task })
    worker.once('message', done)
    worker.once('error', fail)
  })
}

export interface Shown {
  readonly text: string
  readonly holderKey: PublicJwk
}

export interface ShownCertificates {
  readonly bundle: TrustBundle
  readonly shown: readonly Shown[]
}

const holderProof = { audience: 'verifier', nonce: 'nonce', maxAgeMs: 600_000 }

/** Certificates that wallets took, each shown with its holder's proof, and the bundle that they are judged by. */
export async function showCertificates({ group, office }: CertificateCity): Promise<ShownCertificates> {
  const held: { readonly text: string; readonly key: HolderKey }[] = []
  for (let index = 0; index < 32; index++) {
    await office.keepClaims(`verify ${index}`, typeId, claims)
    held.push(
      ...(await receive(benchWallet(), expectOk(await office.offer(`verify ${index}`, typeId)).uri, typeId))
        .certificates,
    )
  }
  const publicGroupUrl = `${new URL(office.identifier).origin}/v1/groups/${group.groupId}`
  await publishBundle(group, { publicGroupUrl, nowMs: Date.now() })
  const pins = { group: group.groupId as GroupId }
  const opened = await openBundle(await group.getText('/trust-bundle'), { pins, platform: nativePlatform })
  const shown = await Promise.all(
    held.map(async ({ text, key }): Promise<Shown> => {
      const payload = {
        aud: holderProof.audience,
        nonce: holderProof.nonce,
        iat: Math.floor(Date.now() / 1000),
        sd_hash: toBase64url(sha256(toUtf8(text))),
      }
      return { text: text + (await signToken(key, { typ: 'kb+jwt' }, payload)), holderKey: key.jwk }
    }),
  )
  return { bundle: expectOk(opened), shown }
}

/** Each judged whole: issuer, holder, status, anchor and receipt; bundle and list at hand. */
export async function benchVerify({ bundle, shown }: ShownCertificates, count: number): Promise<BenchRow> {
  const samples: number[] = []
  const [started, own] = [performance.now(), ownProcessorTime()]
  for (let index = 0; index < count; index++) {
    const from = performance.now()
    const { text } = shown[index % shown.length] as Shown
    const expected = { presentation: holderProof }
    const report = await auditFile(text, { bundle, nowMs: Date.now(), expected, platform: nativePlatform })
    if (report.verdict !== 'valid') throw new Error(`A good certificate was judged ${report.verdict}.`)
    samples.push(performance.now() - from)
  }
  const seconds = (performance.now() - started) / 1000
  const cpuMsEach = eachMs(own(), count)
  return {
    name: 'certificates.verify',
    perSecond: count / seconds,
    ...percentiles(samples),
    how: 'one thread as a verifier’s desk checks: issuer, holder’s proof, status, anchor and receipt; bundle, list and receipt opened before',
    facts: { cpuMsEach },
  }
}
