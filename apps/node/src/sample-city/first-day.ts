/**
 * The sample city's first day: roles given by the committee, people brought in, points issued and spent. Everything goes
 * through the same door as any other client's. Each step may run again after an interruption: what has been done is
 * refused as done, and that counts as done.
 */
import {
  type Action,
  action,
  buildTransaction,
  type GroupClient,
  governance,
  identity,
  type Outcome,
  points,
  proveIdentityKey,
  type SampleName,
  sampleActor,
  TransactionFailed,
} from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { type GroupId, type Hash, type TimeMs, toBase64url, toUtf8 } from '@chengxin/kernel'

/** Refusals that say a step was taken before. */
const doneBefore = new Set([
  'proposal_already_exists',
  'proposal_not_open',
  'already_approved',
  'role_already_held',
  'identity_already_exists',
  'program_already_exists',
  'account_already_exists',
  'hold_already_exists',
  'hold_not_pending',
  'type_already_exists',
  'issuer_already_authorised',
  'registration_unchanged',
])

/** Sends actions of one signer as one transaction, and is content if they were done before. */
export async function ensureDone(
  group: GroupClient,
  name: SampleName,
  actions: readonly Action[],
): Promise<Outcome & { readonly status: 'committed' | 'refused' }> {
  const { signer } = sampleActor(name)
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, signer)
  const [outcome] = await group.submit([jws])
  const isDone = outcome?.status === 'committed' || (outcome?.code !== undefined && doneBefore.has(outcome.code))
  if (outcome === undefined || !isDone) throw new TransactionFailed(outcome)
  return outcome as Outcome & { readonly status: 'committed' | 'refused' }
}

export async function firstDay(group: GroupClient): Promise<void> {
  await grantRoles(group)
  await bringInResidents(group)
  await confirmResidents(group)
  await spendPoints(group)
}

const roles = {
  registrar: 'registrar',
  'identity-bureau': 'identity_bureau',
  'issuer-authority': 'issuer_authority',
  'points-operator': 'points_operator',
} as const

/** One admin proposes, another agrees: two of three are enough. */
async function grantRoles(group: GroupClient): Promise<void> {
  const proposals = (Object.keys(roles) as (keyof typeof roles)[]).map((name) => {
    const { did, member } = sampleActor(name)
    const proposalId = `proposal_first-day-${name}` as const
    return { proposalId, change: { kind: 'grantRole', role: roles[name], did, member } } as const
  })
  await ensureDone(
    group,
    'identity-bureau-admin',
    proposals.map((proposal) => action(governance.proposeChange, proposal)),
  )
  await ensureDone(
    group,
    'city-office-admin',
    proposals.map(({ proposalId }) => action(governance.approveChange, { proposalId })),
  )
}

const residents = ['resident-chan', 'resident-leong', 'resident-silva'] as const
async function bringInResidents(group: GroupClient): Promise<void> {
  const proven = await Promise.all(
    residents.map(async (name) => {
      const { signer, did } = sampleActor(name)
      return { did, ...(await proveIdentityKey(group.groupId as GroupId, signer)) }
    }),
  )
  await ensureDone(
    group,
    'registrar',
    proven.map((args) => action(identity.create, args)),
  )
}

async function confirmResidents(group: GroupClient): Promise<void> {
  const confirmations = residents.map((name) => {
    const { did } = sampleActor(name)
    // A real bureau commits to its own file with a random salt; nobody stands behind these, so any hash will do.
    const commitment = toBase64url(sha256(toUtf8(`sample confirmation of ${did}`))) as Hash
    return action(identity.confirm, { did, commitment })
  })
  await ensureDone(group, 'identity-bureau', confirmations)
}

const programId = 'program_city-points'
const kiosk = 'account_city-kiosk'
const accountOf = {
  'resident-chan': 'account_chan',
  'resident-leong': 'account_leong',
  'resident-silva': 'account_silva',
} as const

/**
 * A transfer has no name and would happen twice if it were sent twice. So each stands in one transaction with something
 * that happens once alone, an account or a hold, and falls with it when that is there already.
 */
async function spendPoints(group: GroupClient): Promise<void> {
  const [chan, leong, silva] = residents.map((name) => accountOf[name]) as [
    'account_chan',
    'account_leong',
    'account_silva',
  ]
  const inAMonthMs = (Date.now() + 30 * 86_400_000) as TimeMs
  const hold = (holdId: `hold_${string}`, from: `account_${string}`, amount: bigint) =>
    action(points.hold, { holdId, from, to: kiosk, amount, expiresAtMs: inAMonthMs })
  const issue = (to: `account_${string}`, amount: bigint) => action(points.issue, { programId, to, amount })
  const pay = (from: `account_${string}`, to: `account_${string}`, amount: bigint) =>
    action(points.transfer, { from, to, amount })

  await ensureDone(group, 'points-operator', [
    action(points.createProgram, { programId, unit: 'CITYPOINT', issuingAccountId: 'account_city-points' }),
  ])
  for (const name of residents) {
    await ensureDone(group, name, [action(points.openAccount, { accountId: accountOf[name], programId })])
  }
  await ensureDone(group, 'points-operator', [
    action(points.openAccount, { accountId: kiosk, programId }),
    ...[issue(chan, 500n), issue(leong, 300n), issue(silva, 200n)],
  ])
  await ensureDone(group, 'resident-chan', [
    hold('hold_library-deposit', chan, 60n),
    pay(chan, leong, 45n),
    pay(chan, silva, 20n),
  ])
  await ensureDone(group, 'points-operator', [action(points.postHold, { holdId: 'hold_library-deposit', amount: 55n })])
  await ensureDone(group, 'resident-leong', [hold('hold_concert-ticket', leong, 80n), pay(leong, silva, 15n)])
  await ensureDone(group, 'resident-silva', [
    hold('hold_museum-visit', silva, 10n),
    action(points.redeem, { programId, from: silva, amount: 35n }),
  ])
}
