/**
 * Credo-TS and the university of a whole node: real ledger, real rules, real status lists. What the wallet holds is valid by
 * the trust bundle that the committee signed, and invalid in its own eyes once the office has revoked it.
 */
import { auditFile } from '@chengxin/audit'
import { type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { expectOk, fromBase64url, type GroupId } from '@chengxin/kernel'
import {
  createIssuingOffice,
  createMemoryVault,
  graduationType,
  type IssuingOffice,
  publishBundle,
} from '@chengxin/services'
import { findEndpoint, type OpenidAnswer, type OpenidRequest } from '@chengxin/services/openid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { officeCertificate } from '../../../apps/node/src/sample-city/office-certificate.ts'
import {
  ensureAuthorised,
  ensureType,
  fillOffices,
  universityDomain,
} from '../../../packages/services/src/demo/offices.ts'
import { openSampleNode, type SampleNode } from '../../in-process/sample-node.ts'
import type { PeerProgram } from '../peer-program.ts'
import { requirePeer } from '../require-peer.ts'
import { type HttpServer, serveHttp } from './http-server.ts'
import { areWalletsInstalled, howToInstall, startWallet } from './wallet-program.ts'

const isThere = requirePeer('Credo-TS', areWalletsInstalled, howToInstall)
const names = { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' }
const claims = { name_latin: 'Chan Tai Man', degree_en: 'Bachelor of Science', gpa: '3.10' }
const { typeId } = graduationType

describe.skipIf(!isThere)('Credo-TS and a whole node', () => {
  let sample: SampleNode
  let group: GroupClient
  let server: HttpServer
  let office: IssuingOffice
  let wallet: PeerProgram

  beforeAll(async () => {
    sample = await openSampleNode()
    group = sample.node.group(sample.ledger.groupId)
    await fillOffices(group, 'wallets')
    await ensureType(group, graduationType)
    await ensureAuthorised(group, typeId)
    server = await serveHttp(answer)
    const { did, privateJwk } = sampleActor('university')
    const x509 = officeCertificate('university', names.en, universityDomain)
    office = await createIssuingOffice({
      ...{ office: 'university', names, types: [graduationType], group, publicUrl: server.url, poolMs: 5 },
      signer: { ...nativeSigner(privateJwk, { did }), x509 },
      vault: createMemoryVault(),
    })
    wallet = startWallet('credo-wallet.mjs')
    const authority = fromBase64url(sample.ledger.genesis.ca) as Uint8Array
    await wallet.ask('open', { trusted: [Buffer.from(authority).toString('base64')] })
  })

  afterAll(async () => {
    await wallet?.stop()
    await office?.close()
    await server?.close()
    await sample?.close()
  })

  /** The office's addresses, and whatever else the node serves. */
  async function answer(request: OpenidRequest): Promise<OpenidAnswer> {
    const { pathname, search } = new URL(request.url)
    const found = findEndpoint(office.openid, request.method, pathname)
    if (found) return found.endpoint.handle(request, found.id)
    const answered = await sample.send(`http://localhost:8080${pathname}${search}`)
    const headers = { 'content-type': answered.headers.get('content-type') ?? 'text/plain' }
    return { status: answered.status, headers, body: await answered.text() }
  }

  async function audit(text: string) {
    await group.readModelReached(sample.ledger.head().height)
    const publicGroupUrl = `${server.url}/v1/groups/${group.groupId}`
    await publishBundle(group, { directory: sample.directory, publicGroupUrl, nowMs: Date.now() })
    const bundle = await group.getText('/trust-bundle')
    return auditFile(text, { bundle, pins: { group: group.groupId as GroupId }, nowMs: Date.now() })
  }

  test('what the wallet receives is anchored and valid, and what the office revokes is invalid to both', async () => {
    await office.keepClaims('chan', typeId, claims)
    const offer = expectOk(await office.offer('chan', typeId, { txCode: true }))
    const wanted = { offer: offer.uri, txCode: offer.txCode, batchSize: 2 }
    const { credentials } = await wallet.ask('receive', wanted)
    const texts = credentials as readonly string[]
    expect(texts).toHaveLength(2)
    for (const [index, text] of texts.entries()) {
      expect(await wallet.ask('verify', { index })).toMatchObject({ isValid: true, claims })
      const report = await audit(text)
      expect(report).toMatchObject({ verdict: 'valid', certificate: { claims } })
      expect(report.checks.filter(({ result }) => result !== 'pass')).toMatchObject([{ code: 'holder_not_asked' }])
    }

    const [record] = await office.recordsOf('chan')
    expectOk(await office.revoke(record?.reference ?? '', 'issued_in_error'))
    expect(await wallet.ask('verify')).toMatchObject({ isValid: false })
    expect(await audit(texts[0] as string)).toMatchObject({ verdict: 'not_valid' })
  })
})
