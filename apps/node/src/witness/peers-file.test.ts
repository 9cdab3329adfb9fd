import { createNoteKey, encodeVkey, noteSignatureTypes, privateJwkFrom, publicPart } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { expect, test } from 'vitest'
import { encodePeers, PeersFault, parsePeers, readPeers } from './peers-file.ts'
import { parseWitnessFile } from './witness-desk.ts'

const jwk = publicPart(privateJwkFrom('EdDSA', sha256(new Uint8Array(1))))
if (jwk.crv !== 'Ed25519') throw new Error('Notes are signed with Ed25519.')
const vkey = (type: 1 | 4) => encodeVkey(createNoteKey(sha256, 'witness.example', type, jwk))
const peer = { memberId: 'member_university', nodeUrl: 'https://university.example' }

test('a whole file is taken as it is, and none means that nobody is asked', async () => {
  const witness = { url: 'https://witness.example/w', vkey: vkey(4) }
  const { peers, witnesses } = parsePeers(JSON.stringify({ peers: [peer], witnesses: [witness] }), 'peers.json')
  expect(peers).toEqual([peer])
  expect(witnesses).toMatchObject([{ url: witness.url, key: { name: 'witness.example', type: 4 } }])
  expect(parsePeers(encodePeers([peer]), 'peers.json')).toEqual({ peers: [peer], witnesses: [] })
  expect(await readPeers('/nonexistent/peers.json')).toEqual({ peers: [], witnesses: [] })
})

test.each([
  ['not JSON', '{', /this is not JSON/],
  ['a list', '[]', /it should be an object/],
  ['a word nobody knows', { members: [] }, /members is not known here/],
  ['a peer without an address', { peers: [{ memberId: 'member_x' }] }, /peers should be a list/],
  ['a peer that is no member', { peers: [{ ...peer, memberId: 'x' }] }, /peers should be a list/],
  ['an address with a password', { peers: [{ ...peer, nodeUrl: 'https://a:b@c.example' }] }, /peers should be a list/],
  ['a witness without a key', { witnesses: [{ url: 'https://w.example' }] }, /witnesses should be a list/],
  ['a witness whose key is none', { witnesses: [{ url: 'https://w.example', vkey: 'x' }] }, /cannot be read/],
  ['a witness with the key of a log', { witnesses: [{ url: 'https://w.example', vkey: vkey(1) }] }, /not that of a/],
])('peers.json: %s is refused, and the sentence says what would do', (_case, value, sentence) => {
  const parse = () => parsePeers(typeof value === 'string' ? value : JSON.stringify(value), 'peers.json')
  expect(parse).toThrow(PeersFault)
  expect(parse).toThrow(sentence)
})

const log = { origin: 'log.example', keys: [vkey(1)] }
test('witness.json names the witness, and the logs it watches', () => {
  const parsed = parseWitnessFile(JSON.stringify({ name: 'city.example/witness', logs: [log] }), 'witness.json')
  expect(parsed).toMatchObject({ name: 'city.example/witness', logs: [{ origin: 'log.example', keys: [{ type: 1 }] }] })
})

test.each([
  ['not JSON', '{', /this is not JSON/],
  ['without a name', { logs: [] }, /name should be/],
  ['a name that no key can have', { name: 'a b', logs: [] }, /name should be/],
  ['no logs', { name: 'a' }, /logs should be/],
  ['a log without an origin', { name: 'a', logs: [{ keys: [] }] }, /logs should be/],
  [
    'a log with the key of a cosigner',
    { name: 'a', logs: [{ ...log, keys: [vkey(noteSignatureTypes.cosignature)] }] },
    /not that of a log/,
  ],
])('witness.json: %s is refused', (_case, value, sentence) => {
  const parse = () => parseWitnessFile(typeof value === 'string' ? value : JSON.stringify(value), 'witness.json')
  expect(parse).toThrow(PeersFault)
  expect(parse).toThrow(sentence)
})
