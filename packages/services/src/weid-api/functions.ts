/** The functions by the names that WeIdentity gives them: what each needs, and what does it. */
import { createCredentialPojo, importCredentialPojo, verifyCredentialPojo } from './credentials.ts'
import { createEvidence, getEvidence, revokeEvidence } from './evidence.ts'
import { queryAuthorityIssuer, queryCpt, registerAuthorityIssuer, registerCpt } from './issuing.ts'
import type { WeidCall, WeidResult, WeidService } from './service.ts'
import { createWeId, getWeIdDocument, getWeIdDocumentJson, refuseForeignKey } from './weids.ts'

/** `read` needs nobody, `account` an access token, `invoker` also a key that is held for that account. */
export type Needs = 'read' | 'account' | 'invoker'

export interface WeidFunction {
  readonly needs: Needs
  readonly run: (service: WeidService, call: WeidCall) => Promise<WeidResult>
}

export const weidFunctions: { readonly [name: string]: WeidFunction } = {
  createWeId: { needs: 'account', run: createWeId },
  createWeIdWithPubKey: { needs: 'account', run: refuseForeignKey },
  getWeIdDocument: { needs: 'read', run: getWeIdDocument },
  getWeIdDocumentJson: { needs: 'read', run: getWeIdDocumentJson },
  registerAuthorityIssuer: { needs: 'invoker', run: registerAuthorityIssuer },
  queryAuthorityIssuer: { needs: 'read', run: queryAuthorityIssuer },
  registerCpt: { needs: 'invoker', run: registerCpt },
  queryCpt: { needs: 'read', run: queryCpt },
  createCredentialPojo: { needs: 'invoker', run: createCredentialPojo },
  verifyCredentialPojo: { needs: 'read', run: verifyCredentialPojo },
  createEvidence: { needs: 'invoker', run: createEvidence },
  getEvidence: { needs: 'read', run: getEvidence },
  // Not among WeIdentity's names over HTTP, though its library has the second.
  importCredentialPojo: { needs: 'invoker', run: importCredentialPojo },
  revokeEvidence: { needs: 'invoker', run: revokeEvidence },
}
