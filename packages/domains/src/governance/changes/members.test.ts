import { ruleset } from '@chengxin/domains/ruleset'
import { limits } from '@chengxin/kernel'
import {
  actor,
  bureau,
  type City,
  certificateOf,
  cityGenesis,
  cityStartMs,
  dayMs,
  foundCity,
  office,
  provenMemberKey,
  university,
} from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { groupMembership } from '../reads.ts'

const bank = 'member_bank'
const logKey = provenMemberKey(actor('bank log'), bank, 'log')
const cosignerKey = provenMemberKey(actor('bank cosigner'), bank, 'cosigner')
const admission = {
  kind: 'admitMember',
  memberId: bank,
  certificate: certificateOf(bank),
  adminDids: [actor('bank admin').did],
  logKey,
  cosignerKey,
}

/** The outcome of a change that the bureau proposes and, if it may be proposed, the university approves. */
function decided(city: City, change: object, proposalId = 'proposal_0001'): string {
  const proposed = city.act(bureau.did, 'governance.proposeChange', { proposalId, change })
  if (typeof proposed === 'string') return proposed
  const outcome = outcomeOf(city.act(university.did, 'governance.approveChange', { proposalId }))
  return outcome.replace('changeApproved changePassed ', '')
}

const officeSerial = (city: City): string =>
  JSON.parse(city.rows().get('governance/members/member_office') ?? '').serial

test.each<[string, object, string]>([
  ['under a taken id', { memberId: 'member_office' }, 'member_already_exists'],
  ['with an administrator twice', { adminDids: [bureau.did, bureau.did] }, 'admin_listed_twice'],
  ['with bytes for a certificate', { certificate: 'AAAA' }, 'certificate_malformed'],
  ['without an organisation', { certificate: certificateOf(bank, { organisation: '' }) }, 'certificate_malformed'],
  [
    'with a name too long',
    { certificate: certificateOf(bank, { organisation: 'x'.repeat(121) }) },
    'certificate_malformed',
  ],
  ['by another authority', { certificate: certificateOf(bank, { byStranger: true }) }, 'certificate_not_acceptable'],
  [
    'out of date',
    { certificate: certificateOf(bank, { notAfterMs: cityStartMs - 1000 }) },
    'certificate_not_acceptable',
  ],
  [
    'too early',
    { certificate: certificateOf(bank, { notBeforeMs: cityStartMs + limits.blockTimeLagMs + 1000 }) },
    'certificate_not_acceptable',
  ],
  [
    'that begins and ends while block time lags',
    { certificate: certificateOf(bank, { notBeforeMs: cityStartMs + 1000, notAfterMs: cityStartMs + 2000 }) },
    'certificate_not_acceptable',
  ],
  ['with another’s certificate', { certificate: cityGenesis().members[0]?.certificate }, 'certificate_already_used'],
  [
    'with a P-256 log key',
    { logKey: provenMemberKey(actor('p256:bank log'), bank, 'log') },
    'key_algorithm_not_allowed',
  ],
  ['with another’s key', { logKey: provenMemberKey(actor('office log'), bank, 'log') }, 'key_already_used'],
  [
    'with one key for two duties',
    { cosignerKey: provenMemberKey(actor('bank log'), bank, 'cosigner') },
    'key_already_used',
  ],
  [
    'with another’s certified key',
    { certificate: certificateOf(bank, { keyName: 'member_office', serialName: 'another' }) },
    'key_already_used',
  ],
  ['with a proof for another duty', { logKey: { ...logKey, proof: cosignerKey.proof } }, 'key_proof_invalid'],
  ['with a short proof', { logKey: { ...logKey, proof: 'AAAA' } }, 'key_proof_invalid'],
  [
    'with a proof for another member',
    { logKey: provenMemberKey(actor('bank log'), 'member_office', 'log') },
    'key_proof_invalid',
  ],
  ['in good order', {}, 'memberAdmitted memberKeyBound memberKeyBound memberKeyBound'],
  [
    'whose certificate is newer than the block time of an idle group',
    { certificate: certificateOf(bank, { notBeforeMs: cityStartMs + limits.blockTimeLagMs }) },
    'memberAdmitted memberKeyBound memberKeyBound memberKeyBound',
  ],
])('admitMember: %s', (_case, changed, outcome) => {
  expect(decided(foundCity(ruleset), { ...admission, ...changed })).toBe(outcome)
})

test('admitMember: sixty-four and no more', () => {
  const city = foundCity(ruleset)
  const admit = (name: string) => {
    const memberId = `member_${name}`
    return decided(
      city,
      {
        ...admission,
        memberId,
        certificate: certificateOf(memberId),
        logKey: provenMemberKey(actor(`${name} log`), memberId, 'log'),
        cosignerKey: provenMemberKey(actor(`${name} cosigner`), memberId, 'cosigner'),
      },
      `proposal_${name}`,
    )
  }
  for (let number = 4; number <= 64; number++) expect(admit(`nr-${number}`)).toContain('memberAdmitted')
  expect(admit('nr-65')).toBe('member_list_full')
  expect(decided(city, { kind: 'removeMember', memberId: 'member_nr-64' }, 'proposal_remove')).toBe('memberRemoved')
  expect(admit('nr-65')).toContain('memberAdmitted')
})

const officeCertificate = certificateOf('member_office', { keyName: 'office renewed' })

test.each<[string, object, string]>([
  ['nobody', { memberId: 'member_none' }, 'member_not_found'],
  ['nothing', {}, 'nothing_to_rotate'],
  ['to an administrator twice', { adminDids: [office.did, office.did] }, 'admin_listed_twice'],
  [
    'to a certificate of another authority',
    { certificate: certificateOf('x', { byStranger: true }) },
    'certificate_not_acceptable',
  ],
  [
    'to the certificate it has, signed again',
    { certificate: certificateOf('member_office', { notAfterMs: cityStartMs + 9000 * dayMs }) },
    'certificate_already_used',
  ],
  ['to the certificate it has', { certificate: certificateOf('member_office') }, 'certificate_already_used'],
  ['to the key it has', { logKey: provenMemberKey(actor('office log'), 'member_office', 'log') }, 'key_already_used'],
  ['to an unproven key', { logKey: { ...logKey } }, 'key_proof_invalid'],
  ['certificates', { certificate: officeCertificate }, 'memberRotated memberKeyBound'],
  [
    'certificates over the key it has',
    { certificate: certificateOf('member_office', { serialName: 'renewed' }) },
    'memberRotated memberKeyBound',
  ],
  ['peer', { peerId: 'AAAA' }, 'memberRotated'],
  [
    'all keys',
    {
      logKey: provenMemberKey(actor('office log 2'), 'member_office', 'log'),
      cosignerKey: provenMemberKey(actor('office cosigner 2'), 'member_office', 'cosigner'),
      validatorKey: provenMemberKey(actor('office validator'), 'member_office', 'validator'),
    },
    'memberRotated memberKeyBound memberKeyBound memberKeyBound',
  ],
  ['administrators, a seat with them', { adminDids: [actor('new admin').did] }, 'memberRotated committeeChanged'],
])('rotateMember: %s', (_case, change, outcome) => {
  expect(decided(foundCity(ruleset), { kind: 'rotateMember', memberId: 'member_office', ...change })).toBe(outcome)
})

test.each<[string, string, object, string]>([
  ['suspendMember', 'nobody', { memberId: 'member_none' }, 'member_not_found'],
  ['suspendMember', 'a member', {}, 'memberSuspended'],
  ['reinstateMember', 'nobody', { memberId: 'member_none' }, 'member_not_found'],
  ['reinstateMember', 'an active member', {}, 'member_not_suspended'],
  ['removeMember', 'nobody', { memberId: 'member_none' }, 'member_not_found'],
  ['removeMember', 'a member, its seat with it', {}, 'memberRemoved committeeChanged'],
])('%s: %s', (kind, _case, change, outcome) => {
  expect(decided(foundCity(ruleset), { kind, memberId: 'member_office', ...change })).toBe(outcome)
})

test('a removed member stays removed', () => {
  const city = foundCity(ruleset)
  city.decide({ kind: 'removeMember', memberId: 'member_office' })
  for (const kind of ['rotateMember', 'suspendMember', 'reinstateMember', 'removeMember']) {
    const change = { kind, memberId: 'member_office', ...(kind === 'rotateMember' && { peerId: 'AAAA' }) }
    expect(decided(city, change)).toBe('member_removed')
  }
  expect(decided(city, { ...admission, memberId: 'member_office' })).toBe('member_already_exists')
  const grant = { kind: 'grantRole', role: 'registrar', did: office.did, member: 'member_office' }
  expect(decided(city, grant)).toBe('member_removed')
})

test('suspending and reinstating follow each other, until their history is full', () => {
  const city = foundCity(ruleset)
  const memberId = 'member_office'
  for (let period = 1; period < 64; period++) {
    city.decide({ kind: 'suspendMember', memberId })
    city.decide({ kind: 'reinstateMember', memberId })
  }
  city.decide({ kind: 'suspendMember', memberId })
  expect(decided(city, { kind: 'suspendMember', memberId })).toBe('member_not_active')
  expect(decided(city, { kind: 'grantRole', role: 'registrar', did: office.did, member: memberId })).toBe(
    'member_not_active',
  )
  expect(decided(city, { kind: 'reinstateMember', memberId })).toBe('member_history_full')
})

test.each(['removeMember', 'suspendMember'])('%s: never the one whose seat is needed', (kind) => {
  const city = foundCity(ruleset)
  city.decide({ kind: 'removeMember', memberId: 'member_office' })
  expect(decided(city, { kind, memberId: 'member_university' })).toBe('would_break_quorum')
  const rotation = { kind: 'rotateMember', memberId: 'member_university', adminDids: [actor('new admin').did] }
  expect(decided(city, rotation)).toBe('would_break_quorum')
})

test('removeMember: never the last validator', () => {
  const city = foundCity(ruleset)
  const memberId = 'member_office'
  const validatorKey = provenMemberKey(actor('office validator'), memberId, 'validator')
  city.decide({ kind: 'rotateMember', memberId, validatorKey })
  expect(decided(city, { kind: 'removeMember', memberId })).toBe('would_break_quorum')
  const other = provenMemberKey(actor('bureau validator'), 'member_bureau', 'validator')
  city.decide({ kind: 'rotateMember', memberId: 'member_bureau', validatorKey: other })
  expect(decided(city, { kind: 'removeMember', memberId }, 'proposal_0002')).toContain('memberRemoved')
})

test('revokeCertificate: what no member uses any more, once', () => {
  const city = foundCity(ruleset)
  const revoke = { kind: 'revokeCertificate', serial: officeSerial(city) }
  expect(decided(city, { ...revoke, serial: 'abc' })).toBe('certificate_not_found')
  expect(decided(city, revoke)).toBe('certificate_in_use')
  city.decide({ kind: 'rotateMember', memberId: 'member_office', certificate: officeCertificate })
  expect(decided(city, revoke)).toBe('certificateRevoked')
  expect(decided(city, revoke, 'proposal_0002')).toBe('certificate_already_revoked')
  const current = { kind: 'revokeCertificate', serial: officeSerial(city) }
  expect(decided(city, current, 'proposal_0003')).toBe('certificate_in_use')
  city.decide({ kind: 'removeMember', memberId: 'member_office' })
  expect(decided(city, current, 'proposal_0003')).toBe('certificateRevoked')
})

test('a key that served never serves again, not even its own member', () => {
  const city = foundCity(ruleset)
  const memberId = 'member_office'
  const rotate = (name: string) =>
    decided(
      city,
      { kind: 'rotateMember', memberId, logKey: provenMemberKey(actor(name), memberId, 'log') },
      `proposal_${name.replaceAll(' ', '-')}`,
    )
  expect(rotate('fresh log')).toContain('memberRotated')
  expect(rotate('office log')).toBe('key_already_used')
})

test('who orders and who is let in follows the list: a suspended member keeps its connection and loses its vote', () => {
  const city = foundCity(ruleset)
  const asked = () => {
    const { validators, peers } = city.reads(groupMembership)
    return { votes: validators().length, peers: peers() }
  }
  expect(asked()).toEqual({ votes: 0, peers: [] })
  const keyOf = (name: string) => provenMemberKey(actor(`${name} validator`), `member_${name}`, 'validator')
  for (const name of ['office', 'bureau']) {
    const peerId = Buffer.from(name).toString('base64url')
    city.decide({ kind: 'rotateMember', memberId: `member_${name}`, validatorKey: keyOf(name), peerId })
  }
  expect(asked()).toEqual({ votes: 2, peers: ['YnVyZWF1', 'b2ZmaWNl'] })
  expect(city.reads(groupMembership).validators()).toContainEqual({
    member: 'member_office',
    key: keyOf('office').key.x,
  })
  city.decide({ kind: 'suspendMember', memberId: 'member_office' })
  expect(asked()).toEqual({ votes: 1, peers: ['YnVyZWF1', 'b2ZmaWNl'] })
})
