/** A payload held against a node of the sample city: what went on since is told, whatever is otherwise is refused. */
import type { BundlePayload } from '@chengxin/audit'
import { type GroupClient, sampleActor } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSampleNode, type SampleNode } from '../../../../tests/in-process/sample-node.ts'
import { graduationType } from '../demo/graduation-type.ts'
import { ensureAuthorised, ensureType, fillOffices } from '../demo/offices.ts'
import { publishBundle } from '../demo/publish-bundle.ts'
import { publishStatusList } from '../issuer/publish-status.ts'
import { type StatusRecord, StatusRegister } from '../issuer/status-register.ts'
import { keptInMemory } from '../kept-file.ts'
import { comparePayload } from './agree-with-node.ts'
import { collectBundle, statusListUri } from './collect-bundle.ts'

const dayMs = 86_400_000
const { signer } = sampleActor('university')
const kept = keptInMemory<StatusRecord>()
let sample: SampleNode
let group: GroupClient
let register: StatusRegister
let first: BundlePayload
let draft: BundlePayload

const publishList = () => publishStatusList(register, kept, { group, signer, nowMs: Date.now })
const collect = async (publicGroupUrl = group.url) =>
  (await collectBundle(group, { sequence: 1, nowMs: Date.now(), validForMs: dayMs, publicGroupUrl })).payload
const compare = (payload: BundlePayload, more: object = {}) =>
  comparePayload(group, payload, { nowMs: Date.now(), ...more })

beforeAll(async () => {
  sample = await openSampleNode()
  group = await sample.node.findGroup()
  await fillOffices(group, 'agree')
  await ensureType(group, graduationType)
  await ensureAuthorised(group, graduationType.typeId)
  register = StatusRegister.create('list_agree', statusListUri(group.url, 'list_agree'))
  const [place = 0] = register.take(1)
  await publishList()
  first = await collect()
  register.set(place, 'revoked')
  await publishList()
  draft = await collect()
}, 120_000)
afterAll(() => sample.close())

test('what was collected agrees, from whatever address', async () => {
  expect(await compare(draft)).toEqual({ differences: [], newerSince: [] })
  expect(await compare(await collect('http://elsewhere.example/v1/groups/x'))).toEqual({
    differences: [],
    newerSince: [],
  })
})

test('a status list may have gone on since the draft, and never before it', async () => {
  expect(await compare(first)).toEqual({ differences: [], newerSince: ['list_agree'] })
  const late = { ...first, issuedAtMs: draft.issuedAtMs }
  expect((await compare(late)).differences).toEqual([
    'The status list list_agree has version 2 since before the draft.',
  ])
})

/** The older token under the newer version: a certificate that was revoked would be good again. */
const withOldToken = (payload: BundlePayload) =>
  payload.statusLists.map((list) => ({ ...list, token: first.statusLists[0]?.token ?? '' }))

test.each<[string, (payload: BundlePayload) => Partial<BundlePayload>, string]>([
  ['another group', () => ({ group: `${'A'.repeat(42)}A` as GroupId }), 'another group'],
  ['another genesis', ({ genesis }) => ({ genesis: { ...genesis, name: 'Other' } }), 'genesis'],
  ['a log key too many', ({ logKeys }) => ({ logKeys: [...logKeys, ...logKeys] }), 'logKeys'],
  ['another quorum', ({ quorum }) => ({ quorum: quorum + 1 }), 'quorum'],
  ['a lower threshold', ({ committee }) => ({ committee: { ...committee, threshold: 1 } }), 'committee'],
  ['no issuers', () => ({ issuers: [] }), 'issuer did:'],
  ['rights left out', ({ issuers }) => ({ issuers: issuers.map((one) => ({ ...one, types: [] })) }), 'issuer'],
  ['a type with another schema', ({ types }) => ({ types: types.map((type) => ({ ...type, vct: 'x' })) }), 'the type'],
  ['a type left out', () => ({ types: [] }), 'left out'],
  ['a list left out', () => ({ statusLists: [] }), 'list_agree is left out'],
  ['an older token', (payload) => ({ statusLists: withOldToken(payload) }), 'not what the ledger has as version 2'],
  ['a list twice', ({ statusLists }) => ({ statusLists: [...statusLists, ...statusLists] }), 'twice'],
  [
    'another address',
    ({ statusLists }) => ({ statusLists: statusLists.map((list) => ({ ...list, uri: `${list.uri}x` })) }),
    'not under the address',
  ],
  [
    'a version to come',
    ({ statusLists }) => ({ statusLists: statusLists.map((list) => ({ ...list, version: 3 })) }),
    'has no version 3',
  ],
  ['a changed checkpoint', ({ checkpoint }) => ({ checkpoint: checkpoint.replace(/\n\d+\n/, '\n1\n') }), 'checkpoint'],
  ['a date to come', ({ issuedAtMs }) => ({ issuedAtMs: issuedAtMs + dayMs }), 'in the future'],
  ['an end that has passed', ({ issuedAtMs }) => ({ expiresAtMs: issuedAtMs - 1 }), 'expired'],
])('a payload with %s is told apart', async (_case, change, sentence) => {
  const { differences } = await compare({ ...draft, ...change(draft) })
  expect(differences.join('\n')).toContain(sentence)
})

test('the number of a bundle that the node has is not signed again', async () => {
  const { sequence } = await publishBundle(group, { publicGroupUrl: group.url, nowMs: Date.now() })
  const { differences } = await compare(draft, { heldSequence: sequence })
  expect(differences).toEqual(['Its sequence is 1, and the node has 1 already.'])
})
