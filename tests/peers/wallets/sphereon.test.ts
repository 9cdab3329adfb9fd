/**
 * Sphereon's client as a wallet, in a process of its own: what it receives from our issuer is a certificate that holds. It
 * speaks a draft before 1.0: it sends one proof in a form of its own, and looks for metadata below the issuer's identifier,
 * so that an issuer for it lies at the root of its host.
 */
import { auditFile } from '@chengxin/audit'
import { createPreAuthorizedOffer, offerLink } from '@chengxin/services/openid'
import { afterEach, describe, expect, test } from 'vitest'
import type { PeerProgram } from '../peer-program.ts'
import { requirePeer } from '../require-peer.ts'
import { type ServedScene, serveScene } from './served-scene.ts'
import { areWalletsInstalled, howToInstall, startWallet } from './wallet-program.ts'

const isThere = requirePeer('Sphereon’s client', areWalletsInstalled, howToInstall)

describe.skipIf(!isThere)('Sphereon’s client', () => {
  let scene: ServedScene
  let wallet: PeerProgram

  async function offered(needsDpop: boolean) {
    scene = await serveScene({ issuer: { needsDpop } }, '')
    wallet = startWallet('sphereon-wallet.mjs')
    const made = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
    return { offer: offerLink(made), txCode: made.txCode as string }
  }

  afterEach(async () => {
    await wallet.stop()
    await scene.close()
  })

  test.each([
    ['bound to another', true],
    ['that is not bound, where the issuer does not mind', false],
  ])('receives a certificate for its key, with a token %s', async (_case, isBound) => {
    const { credentials, key } = await receive({ ...(await offered(isBound)), withDpop: isBound })
    const [{ credential }] = credentials as [{ credential: string }]
    const report = await auditFile(credential, { bundle: await scene.bundle(), nowMs: Date.now() })
    expect(report).toMatchObject({ verdict: 'valid', certificate: { claims: { degree: 'BSC', name: '陳大文' } } })
    const [, payload = ''] = credential.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ cnf: { jwk: key } })
    expect(scene.refused).toEqual([])
  })

  test('gets nothing with a wrong code', async () => {
    const { offer, txCode } = await offered(true)
    const wrong = txCode === '000000' ? '111111' : '000000'
    await expect(receive({ offer, txCode: wrong, withDpop: true })).rejects.toThrow('status: 400')
    expect(scene.refused).toEqual(['tx_code_wrong'])
  })

  test('gets no token that is not bound where the issuer asks for bound ones', async () => {
    await expect(receive({ ...(await offered(true)), withDpop: false })).rejects.toThrow('status: 400')
    expect(scene.refused).toEqual(['dpop_missing'])
  })

  const receive = (options: object) => wallet.ask('receive', options)
})
