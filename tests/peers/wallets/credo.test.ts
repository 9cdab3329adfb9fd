/**
 * Credo-TS as a resident's wallet, in a process of its own: it receives a batch from our issuer, shows two fields to our
 * verifier, and sees that a certificate was revoked. It trusts certificate authorities and knows nothing of ledgers.
 */

import { auditFile } from '@chengxin/audit'
import { expectOk } from '@chengxin/kernel'
import {
  collectResult,
  createPreAuthorizedOffer,
  offerLink,
  offerLinkByReference,
  startPresentation,
} from '@chengxin/services/openid'
import { vct } from '@chengxin/testkit/certificate-city'
import { authorityDer } from '@chengxin/testkit/group-authority'
import { anchorDer } from '@chengxin/testkit/openid-scene'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PeerProgram } from '../peer-program.ts'
import { requirePeer } from '../require-peer.ts'
import { type ServedScene, serveScene } from './served-scene.ts'
import { areWalletsInstalled, howToInstall, startWallet } from './wallet-program.ts'

const isThere = requirePeer('Credo-TS', areWalletsInstalled, howToInstall)
const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64')
const authorities = [base64(authorityDer), base64(anchorDer)]

interface Seen {
  readonly isValid: boolean
  readonly error?: string
  readonly claims: Readonly<Record<string, unknown>>
}

describe.skipIf(!isThere)('Credo-TS', () => {
  let scene: ServedScene
  let wallet: PeerProgram

  beforeEach(async () => {
    scene = await serveScene()
    wallet = startWallet('credo-wallet.mjs')
  })

  afterEach(async () => {
    await wallet.stop()
    await scene.close()
  })

  async function receive(batchSize: number): Promise<readonly string[]> {
    const made = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
    const { credentials } = await wallet.ask('receive', { offer: offerLink(made), txCode: made.txCode, batchSize })
    return credentials as readonly string[]
  }

  const verify = async (index = 0) => (await wallet.ask('verify', { index })) as unknown as Seen

  test('receives a batch by reference, and judges each by the authority’s certificate', async () => {
    await wallet.ask('open', { trusted: authorities })
    const made = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
    const offer = await offerLinkByReference(scene.issuer, made)
    const { credentials } = await wallet.ask('receive', { offer, txCode: made.txCode, batchSize: 3 })
    const texts = credentials as readonly string[]
    expect(new Set(texts.map((text) => text.split('.')[2])).size).toBe(3)
    const keys = new Set<string>()
    for (const [index, text] of texts.entries()) {
      const { isValid, claims } = await verify(index)
      expect(isValid).toBe(true)
      expect(claims).toMatchObject({ vct, iss: 'https://university.example', name: '陳大文', degree: 'BSC' })
      keys.add(JSON.stringify(claims['cnf']))
      // What a foreign wallet carries is whole: the proof of anchoring is inside, and our own check finds nothing open.
      const report = await auditFile(text, { bundle: await scene.bundle(), nowMs: Date.now() })
      expect(report.verdict).toBe('valid')
      expect(report.checks.find(({ name }) => name === 'chain')).toMatchObject({ result: 'pass' })
    }
    expect(keys.size).toBe(3)
  })

  test('takes nothing from an issuer whose authority it does not trust', async () => {
    await wallet.ask('open', { trusted: [base64(anchorDer)] })
    await expect(receive(1)).rejects.toThrow(/trusted certificate/i)
  })

  test('shows our verifier two fields and no other, and cannot show a certificate that was revoked', async () => {
    await wallet.ask('open', { trusted: authorities })
    await receive(2)
    const claims = [{ path: ['degree'] }, { path: ['address', 'city'] }, { path: ['anchor'] }]
    const query = { credentials: [{ id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims }] }
    const asked = expectOk(await startPresentation(scene.verifier, { query }))
    const sent = await wallet.ask('present', { request: asked.link })
    expect(sent).toMatchObject({ clientId: scene.verifier.clientId, ok: true, status: 200 })
    const result = expectOk(await collectResult(scene.verifier, asked.ticket))
    expect(result).toMatchObject({
      status: 'accepted',
      presented: [{ report: { verdict: 'valid', certificate: { claims: { degree: 'BSC' } } } }],
    })
    expect(JSON.stringify(result)).not.toContain('陳大文')

    revokeAll()
    const again = expectOk(await startPresentation(scene.verifier, { query }))
    await wallet.ask('present', { request: again.link })
    const refused = expectOk(await collectResult(scene.verifier, again.ticket))
    expect(refused).toMatchObject({ status: 'refused', reports: [{ verdict: 'not_valid' }] })
    const status = refused.status === 'refused' ? refused.reports[0]?.checks.find(({ name }) => name === 'status') : {}
    expect(status).toMatchObject({ result: 'fail', code: 'status_revoked' })
  })

  test('has nothing for a request for another type', async () => {
    await wallet.ask('open', { trusted: authorities })
    await receive(1)
    const query = { credentials: [{ id: 'licence', format: 'dc+sd-jwt', meta: { vct_values: ['urn:other'] } }] }
    const asked = expectOk(await startPresentation(scene.verifier, { query }))
    expect(await wallet.ask('present', { request: asked.link })).toHaveProperty('refused')
  })

  test('sees a revocation', async () => {
    await wallet.ask('open', { trusted: authorities })
    await receive(1)
    expect(await verify()).toMatchObject({ isValid: true })
    revokeAll()
    expect(await verify()).toMatchObject({ isValid: false, error: expect.stringMatching(/status/i) })
  })

  function revokeAll(): void {
    for (const index of Object.keys(scene.register.record().statuses)) scene.register.set(Number(index), 'revoked')
  }
})
