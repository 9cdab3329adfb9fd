/**
 * What the interface answers when it does not do what it was asked. The first number is what programs written for WeIdentity
 * look at: those from 1000 to 1006 are its REST service's own, those from 9000 on are ours.
 */
export const weidCodes = {
  input_missing: [1002, 'A member that the function needs is missing.'],
  input_malformed: [1003, 'The request or one of its members is of another form.'],
  function_unknown: [1004, 'There is no function of this name here.'],
  ledger_refused: [1006, 'The ledger refused the transaction.'],
  token_missing: [9001, 'Functions that write need the access token of a service account.'],
  token_unknown: [9002, 'The access token belongs to no service account.'],
  passkey_needed: [
    9003,
    'The key of this WeID is not held here: residents act with their passkey, through the portal.',
  ],
  invoker_not_yours: [9004, 'The key of this WeID belongs to another service account.'],
  authority_needed: [9005, 'This is for the account that may say who issues.'],
  key_type_not_supported: [
    9006,
    'A WeID is made with a P-256 key that this service makes; a foreign key is not taken unproven.',
  ],
  weid_not_found: [9007, 'The ledger knows no such WeID.'],
  issuer_not_registered: [9008, 'The WeID is not registered as an authority issuer here.'],
  issuer_registered_before: [9009, 'The WeID is registered as an authority issuer.'],
  cpt_not_found: [9010, 'There is no CPT of this number here.'],
  cpt_not_supported: [9011, 'The schema uses words that are not checked here, so nothing can be held to it.'],
  claim_not_of_cpt: [9012, 'The claim is not what its CPT says.'],
  date_malformed: [9013, 'The credential ends before now, or a date is none.'],
  credential_malformed: [9014, 'The credential is not of the form of a CredentialPojo.'],
  credential_expired: [9015, 'The credential has expired.'],
  signature_invalid: [9016, 'The credential is not signed by its issuer: something in it was changed.'],
  issuer_not_entitled: [9017, 'The issuer had no right to this CPT when the evidence was made.'],
  evidence_missing: [9018, 'No evidence of this credential stands on the ledger.'],
  evidence_revoked: [9019, 'The issuer has revoked the credential.'],
  evidence_not_yours: [9020, 'Only whoever made the evidence may revoke it.'],
  credential_not_imported: [9021, 'This credential was signed elsewhere and has not been imported here.'],
  role_not_here: [9022, 'This node holds no key with the role that the function needs.'],
  weids_used_up: [9023, 'The service account has as many WeIDs as it may have.'],
  too_many_calls: [9024, 'The service account calls too often: wait a minute.'],
} as const satisfies { readonly [code: string]: readonly [number: number, sentence: string] }

export type WeidCode = keyof typeof weidCodes
