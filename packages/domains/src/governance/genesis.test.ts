import { ruleset } from '@chengxin/domains/ruleset'
import type { GenesisDocument } from '@chengxin/module-kit'
import { actor, bureau, certificateOf, cityGenesis, foundCity, office } from '@chengxin/testkit/rules-city'
import { expect, test } from 'vitest'

const genesis = cityGenesis()
const [first, ...others] = genesis.members as [GenesisDocument['members'][number], ...GenesisDocument['members']]

function withMember(change: object): GenesisDocument {
  return { ...genesis, members: [{ ...first, ...change }, ...others] }
}

test.each<[string, GenesisDocument, RegExp]>([
  ['a member twice', { ...genesis, members: [first, first] }, /not all distinct/],
  ['one key for two duties', withMember({ logKey: first.cosignerKey }), /not all distinct/],
  ['an administrator twice', withMember({ adminDids: [bureau.did, bureau.did] }), /not all distinct/],
  ['a stranger’s certificate', withMember({ certificate: certificateOf('x', { byStranger: true }) }), /certificate/],
  ['a committee of an outsider', withCommittee([bureau.did, actor('eve').did], 2), /administers no member/],
  ['a committee with a seat twice', withCommittee([bureau.did, bureau.did], 2), /not all distinct/],
  ['a committee of which half decides', withCommittee([bureau.did, office.did], 1), /more than half/],
  ['an identity twice', { ...genesis, identities: [...genesis.identities, ...genesis.identities] }, /listed twice/],
  ['nobody', { ...genesis, identities: genesis.identities.slice(1) }, /not among the identities/],
  ['a DID of another key', withIdentity({ key: actor('eve').key }), /not the DID/],
  ['a sponsor that is no member', withIdentity({ sponsor: 'member_none' }), /is no member/],
])('a document with %s founds nothing', (_case, document, sentence) => {
  expect(() => foundCity(ruleset, document)).toThrow(sentence)
})

function withCommittee(dids: GenesisDocument['committee']['dids'], threshold: number): GenesisDocument {
  return { ...genesis, committee: { dids, threshold } }
}

function withIdentity(change: object): GenesisDocument {
  const [identity, ...rest] = genesis.identities
  return { ...genesis, identities: [{ ...identity, ...change }, ...rest] } as GenesisDocument
}

test('a sound document founds members, committee, rules and identities', () => {
  const counts = new Map<string, number>()
  for (const { type } of foundCity(ruleset).genesisEvents) counts.set(type, (counts.get(type) ?? 0) + 1)
  expect(Object.fromEntries(counts)).toEqual({
    'governance.groupFounded': 1,
    'governance.memberAdmitted': 3,
    'governance.memberKeyBound': 9,
    'governance.committeeChanged': 1,
    'governance.rulesetActivated': 1,
    'identity.relyingPartyAccepted': 1,
    'identity.created': 4,
  })
})
