import { defineDomain, verb } from '@chengxin/module-kit'
import { applyCredentialsEvent } from './apply.ts'
import { decideAcceptIssuer } from './decide/accept-issuer.ts'
import { decideAnchorBatch } from './decide/anchor-batch.ts'
import { decideAnchorStatements } from './decide/anchor-statements.ts'
import { decideAnchorStatusList } from './decide/anchor-status-list.ts'
import { decideAuthoriseIssuer } from './decide/authorise-issuer.ts'
import { decideDefineType } from './decide/define-type.ts'
import { decideFreezeIssuer } from './decide/freeze-issuer.ts'
import { decideRegisterVerifier } from './decide/register-verifier.ts'
import { decideWithdrawIssuer } from './decide/withdraw-issuer.ts'
import { decideWithdrawVerifier } from './decide/withdraw-verifier.ts'
import { routes } from './routes.ts'
import {
  acceptIssuer,
  anchorBatch,
  anchorStatements,
  anchorStatusList,
  authoriseIssuer,
  credentialsRefusals,
  defineType,
  freezeIssuer,
  registerVerifier,
  withdrawIssuer,
  withdrawVerifier,
} from './schema.ts'
import { credentialsEvents, credentialsTables } from './types.ts'
import { views } from './views.ts'

/** Who may issue which kind of certificate, what was issued (as hashes), and what is still good. */
export const credentials = defineDomain({
  name: 'credentials',
  tables: credentialsTables,
  events: credentialsEvents,
  refusals: credentialsRefusals,
  verbs: [
    verb(defineType, decideDefineType),
    verb(authoriseIssuer, decideAuthoriseIssuer),
    verb(acceptIssuer, decideAcceptIssuer),
    verb(freezeIssuer, decideFreezeIssuer),
    verb(withdrawIssuer, decideWithdrawIssuer),
    verb(anchorBatch, decideAnchorBatch),
    verb(anchorStatusList, decideAnchorStatusList),
    verb(registerVerifier, decideRegisterVerifier),
    verb(withdrawVerifier, decideWithdrawVerifier),
    verb(anchorStatements, decideAnchorStatements),
  ],
  uses: ['governance', 'identity'],
  apply: applyCredentialsEvent,
  views,
  routes,
})
