/** Where refusals are defined, in the order in which a transaction meets them. */
import { apiRefusals } from '@chengxin/api'
import { accountsRefusals } from '@chengxin/domains/accounts/schema'
import { credentialsRefusals } from '@chengxin/domains/credentials/schema'
import { governanceRefusals } from '@chengxin/domains/governance/schema'
import { identityRefusals } from '@chengxin/domains/identity/schema'
import { pointsRefusals } from '@chengxin/domains/points/schema'
import { snapshotRefusals } from '@chengxin/ledger/snapshot-refusals'
import { admissionRefusals, nodeRefusals } from '@chengxin/module-kit'
import { bureauRefusals, deskRefusals, signInRefusals } from '@chengxin/services'
import { agentRefusals } from '@chengxin/services/agent'
import { issuerRefusals, successionRefusals } from '@chengxin/services/issuer'
import { registrarRefusals } from '@chengxin/services/registrars'
import { sharingRefusals } from '@chengxin/services/sharing'
import { verifierRefusals } from '@chengxin/services/verifier'
import type { RefusalSource } from './refusals-page.ts'

export const refusalSources: readonly RefusalSource[] = [
  { title: 'Admission', about: 'Before a transaction enters. Nothing of it remains.', refusals: admissionRefusals },
  { title: 'The node', about: 'About this node, now. The same bytes can pass later.', refusals: nodeRefusals },
  {
    title: 'The interface',
    about: 'Of requests over HTTP. The interface alone turns a kind into a status.',
    refusals: apiRefusals,
  },
  {
    title: 'governance',
    about: 'Members, roles, rules: by k of n of the committee.',
    refusals: governanceRefusals,
  },
  { title: 'identity', about: 'DIDs, keys, delegations, recovery.', refusals: identityRefusals },
  { title: 'credentials', about: 'Types, issuers, anchors, status lists.', refusals: credentialsRefusals },
  {
    title: 'accounts',
    about: 'Double entry, reached through the domains that hold value.',
    refusals: accountsRefusals,
  },
  { title: 'points', about: 'Programmes and accounts of points.', refusals: pointsRefusals },
  {
    title: 'Joining by a snapshot',
    about: 'What a member that joins says of what it was offered.',
    refusals: snapshotRefusals,
  },
  { title: 'Desks', about: 'Before a desk is asked anything.', refusals: deskRefusals },
  { title: 'Signing in', about: 'Passkeys, sessions, invitations of officers.', refusals: signInRefusals },
  {
    title: 'The identity bureau',
    about: 'Applications, people, acts that need two officers.',
    refusals: bureauRefusals,
  },
  {
    title: 'The user agent',
    about: 'Receiving, showing and printing certificates, each on the resident’s own word.',
    refusals: agentRefusals,
  },
  {
    title: 'Issuers',
    about: 'Types, registers, entitlements, certificates and who decides about them.',
    refusals: issuerRefusals,
  },
  {
    title: 'Succession',
    about: 'Types of a dissolved issuer that pass to another.',
    refusals: successionRefusals,
  },
  {
    title: 'Registrars',
    about: 'Who brings identities in besides the bureau, and whom.',
    refusals: registrarRefusals,
  },
  { title: 'Verifiers', about: 'Asking holders, and what is kept of their answers.', refusals: verifierRefusals },
  { title: 'Sharing licences', about: 'Departments, residents, consents.', refusals: sharingRefusals },
]
