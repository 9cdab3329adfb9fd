import { auditFile, readCertificate } from '@chengxin/audit'
import { verifySignature, webauthnSignedBytes } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import {
  type KnownVerifier,
  type LedgerView,
  type Registration,
  type ResidentStanding,
  registrationInfo,
} from '@chengxin/holder'
import { type Did, expectOk, fromBase64url, isRefusal, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { actor, vct } from '@chengxin/testkit/certificate-city'
import { anchorDer, createOpenidScene } from '@chengxin/testkit/openid-scene'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../desk/assertion.ts'
import type { Person } from '../desk/person.ts'
import { createPreAuthorizedOffer, offerLink } from '../openid/vci/offer.ts'
import { startPresentation } from '../openid/vp/request.ts'
import { collectResult } from '../openid/vp/response.ts'
import { createSoftPasskey, type SoftPasskeyChange } from '../testing/soft-passkey.ts'
import { createMemoryVault } from '../vault/memory-vault.ts'
import { createAgentDesk } from './agent-desk.ts'

const origin = 'https://portal.example'
const agentDid = actor('agent').did
const resident = actor('resident')
const other = actor('other resident')
const verifierDid = actor('verifier').did
const texts = (text: string) => ({ en: text, 'zh-Hans': text, 'zh-Hant': text, pt: text })

/** Members that some answer has; a test reads those of the answer that it asked for. */
interface Answer {
  readonly actId: string
  readonly statement: string
  readonly certificateIds: readonly string[]
  readonly consentId: string
  readonly printId: string
  readonly text: string
}

function openScene() {
  const scene = createOpenidScene()
  const { clock, city, verifier } = scene
  const passkey = createSoftPasskey(origin)
  const spare = createSigner(generatePrivateJwk('EdDSA'))
  const hourMs = 3_600_000
  const delegation = {
    delegationId: 'delegation_agent',
    to: agentDid,
    scope: ['credentials.*'],
    fromMs: clock.nowMs,
    untilMs: clock.nowMs + hourMs,
  }
  const standing: ResidentStanding = {
    isActive: true,
    keys: [
      { keyId: 'key-1', jwk: passkey.jwk, passkey: true },
      { keyId: 'key-2', jwk: spare.jwk, passkey: false },
    ],
    delegations: [delegation],
    guardians: [],
    threshold: 0,
  }
  const standings = new Map<string, ResidentStanding>([
    [resident.did, standing],
    [other.did, standing],
  ])
  const registration: Registration = {
    v: 1,
    verifier: verifierDid,
    domain: 'verifier.example',
    clientIds: [verifier.clientId],
    names: texts('Transport Bureau'),
    purposes: [
      {
        purposeId: 'job',
        texts: texts('Job application'),
        ground: { kind: 'consent' },
        keepDays: 30,
        // The scene's type stands under an address of its own, which is no type of the group.
        types: [{ typeId: '', fields: ['degree', 'name'] }],
      },
    ],
  }
  const verifiers = new Map<string, KnownVerifier>([[verifierDid, { domain: 'verifier.example', registration }]])
  const ledger: LedgerView = {
    standingOf: async (did) => standings.get(did),
    typeOf: async () => undefined,
    verifierOf: async (did) => verifiers.get(did),
    trust: () => scene.bundle(),
    authorities: async () => [anchorDer],
  }
  const vault = createMemoryVault()
  const desk = createAgentDesk({
    did: agentDid,
    groupId: city.group,
    ledger,
    vault,
    send: scene.send,
    relyingParty: { rpId: 'portal.example', origins: [origin] },
    nowMs: () => clock.nowMs,
  })
  const personOf = (did: Did): Person => ({
    accountId: `account_${did}`,
    kind: 'resident',
    roles: [],
    did,
    signedInAtMs: clock.nowMs,
  })

  async function call(
    id: string,
    body: unknown = {},
    params: { [name: string]: string } = {},
    did: Did = resident.did,
  ) {
    const endpoint = desk.endpoints.find((candidate) => candidate.id === id)
    if (!endpoint) throw new Error(`The desk has no ${id}.`)
    return (await endpoint.handle({ params, query: {}, body, headers: {}, person: personOf(did) })) as unknown as Answer
  }

  const sign = (statement: string, change: SoftPasskeyChange = {}) => ({
    keyId: 'key-1',
    signature: toBase64url(toUtf8(JSON.stringify(passkey.assert(challengeOf(statement), change)))),
  })

  async function offered() {
    const offer = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
    return { link: offerLink(offer), txCode: offer.txCode }
  }

  async function receive(): Promise<string> {
    const { link, txCode } = await offered()
    const { actId, statement } = expectOk(await call('openOffer', { link }))
    const { certificateIds } = expectOk(await call('acceptOffer', { actId, txCode, assertion: sign(statement) }))
    return certificateIds[0] ?? ''
  }

  /** A request for these fields, as the verifier's desk would make it. */
  async function asked(fields: readonly string[] = ['degree'], purposeId = 'job') {
    const claims = [...fields, 'anchor'].map((name) => ({ path: [name] }))
    const query = { credentials: [{ id: 'certificate', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims }] }
    const claim = { group: city.group, verifier: verifierDid, registrationHash: 'none', purposeId }
    return expectOk(await startPresentation(verifier, { query, verifierInfo: [registrationInfo(claim)] }))
  }

  /** Up to the statement that the resident would sign. */
  async function chosen(certificateId: string, fields: readonly string[] = ['degree']) {
    const { link, ticket } = await asked(fields)
    const { actId: openId } = expectOk(await call('openRequest', { link }))
    const choices = [{ queryId: 'certificate', certificateId, fields }]
    const act = expectOk(await call('chooseAnswer', { actId: openId, choices }))
    return { ...act, ticket }
  }

  const answersSent = () => scene.sent.filter(({ url }) => url.endsWith('/responses')).length
  return {
    ...scene,
    ...{ vault, call, sign, spare, standings, standing, delegation, verifiers, registration },
    ...{ offered, receive, asked, chosen, answersSent, hourMs },
  }
}

function challengeOf(statement: string): string {
  return toBase64url(sha256(toUtf8(statement)))
}

describe('from offer to consent', () => {
  test('several copies are received, the verifier gets what was picked and no more, and it is all written down', async () => {
    const scene = openScene()
    const certificateId = await scene.receive()
    const wallet = await scene.call('getWallet')
    expect(wallet).toMatchObject({
      agent: agentDid,
      isProtected: true,
      certificates: [{ certificateId, copies: 6, copiesUnseen: 6, standing: { word: 'valid' } }],
    })

    const { link, ticket } = await scene.asked(['degree'])
    const opened = await scene.call('openRequest', { link })
    expect(opened).toMatchObject({
      answerable: true,
      asker: { domain: 'verifier.example', names: { en: 'Transport Bureau' }, purpose: { pt: 'Job application' } },
      parts: [{ candidates: [{ certificateId, fields: [{ name: 'degree', value: 'BSC', needed: true }] }] }],
    })
    const choices = [{ queryId: 'certificate', certificateId, fields: ['degree'] }]
    const { actId, statement } = expectOk(await scene.call('chooseAnswer', { actId: opened.actId, choices }))
    const said = JSON.parse(statement) as JsonObject
    expect(said).toMatchObject({
      purpose: 'present',
      agent: agentDid,
      did: resident.did,
      audience: scene.verifier.clientId,
    })
    expect(await scene.call('agreeToRequest', { actId, assertion: scene.sign(statement) })).toHaveProperty('consentId')

    const result = await collectResult(scene.verifier, ticket)
    if (isRefusal(result) || result.status !== 'accepted') throw new Error(JSON.stringify(result))
    expect(Object.keys(result.presented[0]?.report.certificate?.claims ?? {})).toEqual(['degree'])

    const { consents } = (await scene.call('exportConsents')) as unknown as { consents: readonly JsonObject[] }
    expect(consents).toMatchObject([{ state: 'given', purposeId: 'job', evidence: { statement, keyId: 'key-1' } }])
    const { uses } = (await scene.call('listUses')) as unknown as { uses: readonly JsonObject[] }
    expect(uses.map(({ kind, party }) => [kind, party])).toEqual([
      ['presented', 'verifier.example'],
      ['received', 'issuer.example'],
    ])
  })

  test('the evidence of a consent proves itself to whoever has the export and the ledger', async () => {
    const scene = openScene()
    const { actId, statement } = await scene.chosen(await scene.receive())
    await scene.call('agreeToRequest', { actId, assertion: scene.sign(statement) })
    const exported = (await scene.call('exportConsents')) as unknown as { consents: readonly { evidence: Evidence }[] }
    const { evidence } = exported.consents[0] as { evidence: Evidence }
    const check = {
      sha256,
      relyingParty: { rpId: 'portal.example', origins: [origin] },
      signingInput: toUtf8(evidence.statement),
      signaturePart: fromBase64url(evidence.signature) ?? new Uint8Array(),
    }
    const { signedBytes, signature } = expectOk(webauthnSignedBytes(check))
    expect(await verifySignature(evidence.jwk, signedBytes, signature)).toBe(true)
    const other = { ...check, signingInput: toUtf8(evidence.statement.replace('degree', 'gpa')) }
    expect(webauthnSignedBytes(other)).toEqual({ refused: 'webauthn_challenge_wrong' })
  })

  test('a consent is withdrawn once, by whoever gave it', async () => {
    const scene = openScene()
    const { actId, statement } = await scene.chosen(await scene.receive())
    const { consentId } = expectOk(await scene.call('agreeToRequest', { actId, assertion: scene.sign(statement) }))
    const params = { consentId: consentId }
    expect(await scene.call('withdrawConsent', {}, params, other.did)).toEqual({ refused: 'consent_not_found' })
    expect(await scene.call('withdrawConsent', {}, params)).toMatchObject({ state: 'withdrawn' })
    expect(await scene.call('exportConsents', {}, {}, other.did)).toMatchObject({ consents: [] })
  })

  test('saying no tells the verifier, shows nothing, and is written down', async () => {
    const scene = openScene()
    await scene.receive()
    const { link, ticket } = await scene.asked()
    const { actId } = await scene.call('openRequest', { link })
    expect(await scene.call('declineRequest', { actId })).toEqual({})
    expect(await collectResult(scene.verifier, ticket)).toMatchObject({ status: 'refused', code: 'wallet_refused' })
    expect(await scene.call('listUses')).toMatchObject({ uses: [{ kind: 'declined' }, { kind: 'received' }] })
  })

  test('a transaction code that was mistyped is typed again', async () => {
    const scene = openScene()
    const { link, txCode } = await scene.offered()
    const { actId, statement } = expectOk(await scene.call('openOffer', { link }))
    const assertion = scene.sign(statement)
    const wrong = txCode === '000000' ? '000001' : '000000'
    const refused = { refused: 'offer_not_usable', reason: 'tx_code_wrong' }
    expect(await scene.call('acceptOffer', { actId, assertion, txCode: wrong })).toEqual(refused)
    expect(await scene.call('acceptOffer', { actId, assertion, txCode })).toMatchObject({ waiting: 0 })
  })
})

type Scene = ReturnType<typeof openScene>
type Assertion = ReturnType<Scene['sign']>

describe('the agent cannot act alone', () => {
  test.each<[string, string, (scene: Scene, statement: string) => Assertion]>([
    [
      'another key than those on the ledger',
      'assertion_key_unknown',
      (scene, text) => ({ ...scene.sign(text), keyId: 'key-9' }),
    ],
    [
      'another passkey',
      'assertion_not_over_this',
      (_, text) => {
        const stranger = createSoftPasskey(origin)
        return { keyId: 'key-1', signature: toBase64url(stranger.sign(toUtf8(text))) }
      },
    ],
    ['a yes to something else', 'assertion_not_over_this', (scene, text) => scene.sign(text.replace('degree', 'name'))],
    [
      'a yes that was given on another page',
      'assertion_not_over_this',
      (scene, text) => scene.sign(text, { origin: 'https://evil.example' }),
    ],
    [
      'a passkey of another site',
      'assertion_not_over_this',
      (scene, text) => scene.sign(text, { rpId: 'evil.example' }),
    ],
    [
      'a device that did not check who touched it',
      'assertion_not_over_this',
      (scene, text) => scene.sign(text, { flagBits: 1 }),
    ],
    ['a passkey being made', 'assertion_not_over_this', (scene, text) => scene.sign(text, { type: 'webauthn.create' })],
    ['no signature at all', 'assertion_not_over_this', () => ({ keyId: 'key-1', signature: 'AAAA' })],
    [
      'a plain key’s signature under the passkey’s name',
      'assertion_not_over_this',
      (scene, text) => ({
        keyId: 'key-1',
        signature: toBase64url(scene.spare.sign(toUtf8(text))),
      }),
    ],
  ])('with %s: %s', async (_case, code, assertionOf) => {
    const scene = openScene()
    const { actId, statement } = await scene.chosen(await scene.receive())
    expect(await scene.call('agreeToRequest', { actId, assertion: assertionOf(scene, statement) })).toEqual({
      refused: code,
    })
    expect(scene.answersSent()).toBe(0)
    // The right key, over exactly that, is enough, and once.
    const assertion = scene.sign(statement)
    expect(await scene.call('agreeToRequest', { actId, assertion })).toHaveProperty('consentId')
    expect(await scene.call('agreeToRequest', { actId, assertion })).toEqual({ refused: 'act_not_found' })
    expect(scene.answersSent()).toBe(1)
  })

  test.each<[string, string, (scene: Scene) => Partial<ResidentStanding>]>([
    ['was never authorised', 'agent_not_authorised', () => ({ delegations: [] })],
    [
      'was authorised by and for somebody else',
      'agent_not_authorised',
      ({ delegation }) => ({ delegations: [{ ...delegation, to: other.did }] }),
    ],
    [
      'was authorised until now',
      'agent_authorisation_ended',
      ({ delegation, clock }) => ({ delegations: [{ ...delegation, untilMs: clock.nowMs }] }),
    ],
    [
      'was authorised for points',
      'agent_authorisation_too_narrow',
      ({ delegation }) => ({ delegations: [{ ...delegation, scope: ['points.*'] }] }),
    ],
    [
      'serves keys that are being recovered',
      'agent_suspended',
      ({ clock }) => ({ recovery: { requestedAtMs: clock.nowMs, lapsesAtMs: clock.nowMs + 1 } }),
    ],
    ['serves a DID that has ended', 'resident_without_did', () => ({ isActive: false })],
  ])('an agent that %s does nothing, signed or not: %s', async (_case, code, change) => {
    const scene = openScene()
    const { actId, statement } = await scene.chosen(await scene.receive())
    scene.standings.set(resident.did, { ...scene.standing, ...change(scene) })
    const assertion = scene.sign(statement)
    expect(await scene.call('agreeToRequest', { actId, assertion })).toEqual({ refused: code })
    expect(await scene.call('openOffer', { link: (await scene.offered()).link })).toEqual({ refused: code })
    expect(scene.answersSent()).toBe(0)
  })

  test('an act belongs to whom it was opened for, and to its time', async () => {
    const scene = openScene()
    const { actId, statement } = await scene.chosen(await scene.receive())
    const assertion = scene.sign(statement)
    expect(await scene.call('agreeToRequest', { actId, assertion }, {}, other.did)).toEqual({
      refused: 'act_not_found',
    })
    expect(await scene.call('completePrint', { actId, assertion })).toEqual({ refused: 'act_not_found' })
    scene.clock.nowMs += 5 * 60_000
    expect(await scene.call('agreeToRequest', { actId, assertion })).toEqual({ refused: 'act_not_found' })
    expect(scene.answersSent()).toBe(0)
  })

  test('what was opened and left alone is erased when its time is over', async () => {
    const scene = openScene()
    const certificateId = await scene.receive()
    for (let times = 0; times < 3; times++) await scene.chosen(certificateId)
    const acts = scene.vault.collection('agent-acts')
    expect(await acts.count()).toBe(6)
    scene.clock.nowMs += 5 * 60_000
    await scene.call('openRequest', { link: (await scene.asked()).link })
    expect(await acts.count()).toBe(1)
  })

  test('two answers at once are one', async () => {
    const scene = openScene()
    const { actId, statement } = await scene.chosen(await scene.receive())
    const assertion = scene.sign(statement)
    const answers = await Promise.all([1, 2, 3].map(() => scene.call('agreeToRequest', { actId, assertion })))
    expect(answers.filter((answer) => isRefusal(answer))).toHaveLength(2)
    expect(scene.answersSent()).toBe(1)
  })

  test('a key that is lost would lose everything: nothing is received before there is a second, or a guardian', async () => {
    const scene = openScene()
    const { link } = await scene.offered()
    const [first] = scene.standing.keys
    scene.standings.set(resident.did, { ...scene.standing, keys: first ? [first] : [] })
    expect(await scene.call('openOffer', { link })).toEqual({ refused: 'second_key_needed' })
    scene.standings.set(resident.did, { ...scene.standing, keys: first ? [first] : [], guardians: [other.did] })
    expect(await scene.call('openOffer', { link })).toHaveProperty('actId')
  })
})

describe('who asks', () => {
  test.each<[string, object, (scene: Scene) => Promise<{ link: string }>]>([
    [
      'is not registered',
      { refused: 'asker_not_registered' },
      (scene) => {
        scene.verifiers.clear()
        return scene.asked()
      },
    ],
    [
      'asks for more than it is registered for',
      { refused: 'request_beyond_registration', reason: 'field_beyond_registration' },
      (scene) => scene.asked(['degree', 'gpa']),
    ],
    [
      'asks for something else',
      { refused: 'request_beyond_registration', reason: 'purpose_not_registered' },
      (scene) => scene.asked(['degree'], 'curiosity'),
    ],
    [
      'is registered under another certificate',
      { refused: 'request_beyond_registration', reason: 'request_client_mismatch' },
      (scene) => {
        const registration = { ...scene.registration, clientIds: ['x509_hash:other'] }
        scene.verifiers.set(verifierDid, { domain: 'verifier.example', registration })
        return scene.asked()
      },
    ],
    [
      'sends a link of another kind',
      { refused: 'request_not_usable', reason: 'link_malformed' },
      async () => ({ link: 'https://x' }),
    ],
  ])('%s', async (_case, refused, ask) => {
    const scene = openScene()
    await scene.receive()
    expect(await scene.call('openRequest', { link: (await ask(scene)).link })).toEqual(refused)
  })

  test('what is chosen must be an answer, of what is held', async () => {
    const scene = openScene()
    const certificateId = await scene.receive()
    const { link } = await scene.asked(['degree', 'name'])
    const { actId } = await scene.call('openRequest', { link })
    const choose = (choice: object, did?: Did) =>
      scene.call(
        'chooseAnswer',
        { actId, choices: [{ queryId: 'certificate', certificateId, fields: ['degree', 'name'], ...choice }] },
        {},
        did,
      )
    expect(await choose({ fields: ['degree'] })).toEqual({ refused: 'choice_not_an_answer' })
    expect(await choose({ fields: ['degree', 'name', 'gpa'] })).toEqual({ refused: 'choice_not_an_answer' })
    expect(await choose({ queryId: 'other' })).toEqual({ refused: 'choice_not_an_answer' })
    expect(await choose({ certificateId: 'certificate_none' })).toEqual({ refused: 'certificate_not_held' })
    expect(await choose({}, other.did)).toEqual({ refused: 'act_not_found' })
    expect(await choose({})).toHaveProperty('statement')
  })
})

describe('on paper', () => {
  async function print(scene: Scene, certificateId: string, more: object = {}) {
    const wish = { certificateId, fields: ['degree'], untilMs: scene.clock.nowMs + scene.hourMs, ...more }
    const { actId, statement } = expectOk(await scene.call('preparePrint', wish)) as {
      actId: string
      statement: string
    }
    return (await scene.call('completePrint', { actId, assertion: scene.sign(statement) })) as unknown as {
      printId: string
      text: string
    }
  }

  test('a printed form shows what was chosen, for whom and until when, and is a copy that no verifier gets', async () => {
    const scene = openScene()
    const certificateId = await scene.receive()
    const { text } = await print(scene, certificateId, { recipient: 'Library' })
    const report = await auditFile(text, { bundle: await scene.bundle(), nowMs: scene.clock.nowMs })
    expect(report).toMatchObject({
      verdict: 'valid',
      nextStep: 'accept_as_copy',
      certificate: { claims: { degree: 'BSC' } },
    })
    const holder = report.checks.find(({ name }) => name === 'holder')
    expect(holder).toMatchObject({ code: 'holder_printed', facts: { recipient: 'Library' } })

    // Shown by its holder, the certificate leaves no trace that would lead to the paper.
    const { actId, statement } = await scene.chosen(certificateId)
    expect(JSON.parse(statement).presentations[0].sdHash).not.toBe(undefined)
    await scene.call('agreeToRequest', { actId, assertion: scene.sign(statement) })
    const posted = scene.sent.find(({ url }) => url.endsWith('/responses'))?.body ?? ''
    expect(posted).not.toContain(text.split('~')[0])
  })

  test('of six copies five can be on paper, and one is left to show', async () => {
    const scene = openScene()
    const certificateId = await scene.receive()
    for (let count = 0; count < 5; count++) await print(scene, certificateId)
    const wish = { certificateId, fields: ['degree'], untilMs: scene.clock.nowMs + scene.hourMs }
    expect(await scene.call('preparePrint', wish)).toEqual({ refused: 'no_copy_left' })
    expect(await scene.chosen(certificateId)).toHaveProperty('statement')
  })

  test.each<[string, object, string]>([
    ['a field that the certificate has not', { fields: ['iq'] }, 'choice_not_an_answer'],
    ['nothing', { fields: [] }, 'choice_not_an_answer'],
    ['an end in the past', { untilMs: 1 }, 'choice_not_an_answer'],
    ['a certificate of somebody else', { certificateId: 'certificate_none' }, 'certificate_not_held'],
  ])('%s cannot be printed', async (_case, change, code) => {
    const scene = openScene()
    const wish = { certificateId: await scene.receive(), fields: ['degree'], untilMs: scene.clock.nowMs + scene.hourMs }
    expect(await scene.call('preparePrint', { ...wish, ...change })).toEqual({ refused: code })
  })

  test('an issuer that knows no cancelling is told of as such', async () => {
    const scene = openScene()
    const { printId } = await print(scene, await scene.receive())
    expect(await scene.call('cancelPrint', {}, { printId })).toHaveProperty('refused', 'issuer_not_reached')
    expect(await scene.call('cancelPrint', {}, { printId }, other.did)).toEqual({ refused: 'print_not_found' })
  })
})

test('whoever holds a certificate is told when it is revoked, and it cannot be shown any more', async () => {
  const scene = openScene()
  const certificateId = await scene.receive()
  await scene.call('getWallet')
  const file = (await scene.call('exportCertificate', {}, { certificateId })) as unknown as {
    copies: readonly string[]
  }
  for (const text of file.copies) {
    const certificate = expectOk(readCertificate(sha256, text))
    scene.register.set(certificate.status?.index ?? -1, 'revoked')
  }
  expect(await scene.call('getWallet')).toMatchObject({
    certificates: [{ certificateId, standing: { word: 'status_revoked', verdict: 'not_valid' } }],
    notices: [{ certificateId, word: 'status_revoked', issuer: 'issuer.example' }],
  })
  const { link } = await scene.asked()
  const opened = await scene.call('openRequest', { link })
  expect(opened).toMatchObject({ answerable: false, parts: [{ candidates: [] }] })
  const choices = [{ queryId: 'certificate', certificateId, fields: ['degree'] }]
  const { actId } = opened
  expect(await scene.call('chooseAnswer', { actId, choices })).toEqual({ refused: 'certificate_not_good' })
  const wallet = (await scene.call('getWallet')) as unknown as { notices: readonly { noticeId: string }[] }
  const [notice] = wallet.notices
  expect(wallet.notices).toHaveLength(1)
  expect(await scene.call('readNotice', {}, { noticeId: notice?.noticeId ?? '' }, other.did)).toEqual({
    refused: 'notice_not_found',
  })
  expect(await scene.call('readNotice', {}, { noticeId: notice?.noticeId ?? '' })).toEqual({})
})
