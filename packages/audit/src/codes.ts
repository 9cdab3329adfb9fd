/**
 * Everything a check can say, with what it means for the check and one English sentence. A check without a code passed.
 * Codes are stable: translations, documents and other programs hang on them.
 */

/** What is asked of a certificate, in the order in which a report lists it. */
export const checkNames = [
  /** The file is one well-formed certificate, and every disclosure belongs to it. */
  'format',
  /** What is trusted: keys, issuers, status lists, as signed by the group's committee. */
  'bundle',
  /** The issuer's signature. */
  'signature',
  /** The X.509 certificate inside, where there is one, is for the issuer's key and under the group's authority. */
  'chain',
  /** The issuer was entitled to this type when the certificate was anchored. */
  'issuer',
  /** The certificate is one of those that were anchored. */
  'anchor',
  /** The anchoring stands in the group's log. */
  'receipt',
  /** Neither revoked nor suspended nor replaced. */
  'status',
  /** Shown in the form that it was issued for. */
  'template',
  /** Whoever shows it holds its key. Asked only of a live presentation. */
  'holder',
  /** Within its period of validity, by trust data that is not too old. */
  'freshness',
] as const
export type CheckName = (typeof checkNames)[number]

export type CheckResult = 'pass' | 'fail' | 'unknown'

type CodeEntry = readonly [CheckName, CheckResult, string]

export const checkCodes = {
  format_too_large: ['format', 'fail', 'The file is larger than any certificate.'],
  format_unknown: ['format', 'fail', 'The file is not a certificate in SD-JWT form.'],
  format_short_malformed: ['format', 'fail', 'The code does not hold a whole certificate: scan it again.'],
  format_short_certificate_unknown: [
    'format',
    'unknown',
    'The code names the issuer’s X.509 certificate, which the trust bundle does not carry.',
  ],
  format_pdf_too_large: ['format', 'fail', 'The PDF is larger than any that a certificate is attached to.'],
  format_pdf_malformed: ['format', 'fail', 'The PDF cannot be read as far as what is attached to it.'],
  format_pdf_encrypted: ['format', 'fail', 'The PDF is locked: what is attached to it cannot be read.'],
  format_pdf_several_certificates: [
    'format',
    'fail',
    'More than one certificate is attached to the PDF: take them out and check each by itself.',
  ],
  format_pdf_without_certificate: [
    'format',
    'fail',
    'No certificate is attached to the PDF, and what is drawn on its pages proves nothing.',
  ],
  format_jwt_malformed: ['format', 'fail', 'A signed part of the file cannot be read.'],
  format_hash_not_supported: ['format', 'fail', 'The certificate asks for a hash other than SHA-256.'],
  format_disclosure_malformed: ['format', 'fail', 'A disclosed field cannot be read or stands in the wrong place.'],
  format_disclosure_repeated: ['format', 'fail', 'The same field is disclosed twice.'],
  format_too_deep: ['format', 'fail', 'The certificate is nested deeper than any that is issued.'],
  format_digest_misplaced: ['format', 'fail', 'A digest stands where none may stand.'],
  format_digest_repeated: ['format', 'fail', 'The same digest stands in two places.'],
  format_claim_name_reserved: ['format', 'fail', 'A disclosed field uses a reserved name.'],
  format_claim_exists: ['format', 'fail', 'A disclosed field would replace one that the issuer wrote.'],
  format_disclosure_unreferenced: ['format', 'fail', 'A field was added that the issuer never signed.'],
  format_type_wrong: ['format', 'fail', 'The signed part is not marked as a verifiable credential (dc+sd-jwt).'],
  format_claim_not_disclosable: ['format', 'fail', 'A field that must be plain to every reader was made withholdable.'],
  format_claim_malformed: ['format', 'fail', 'A field that every certificate has is missing or of the wrong kind.'],

  bundle_missing: ['bundle', 'unknown', 'No trust bundle was given, so there is nothing to check against.'],
  bundle_malformed: ['bundle', 'fail', 'The trust bundle cannot be read.'],
  bundle_other_group: ['bundle', 'fail', 'The trust bundle is of another group than the one that is trusted here.'],
  bundle_signature_invalid: ['bundle', 'fail', 'A committee member’s signature on the trust bundle does not hold.'],
  bundle_threshold_not_met: ['bundle', 'fail', 'Too few members of the trusted committee signed the trust bundle.'],
  bundle_rolled_back: ['bundle', 'fail', 'A newer trust bundle of this group has been seen here before.'],
  bundle_equivocates: ['bundle', 'fail', 'Another trust bundle with the same number has been seen here before.'],
  bundle_checkpoint_invalid: ['bundle', 'fail', 'The log’s checkpoint in the trust bundle is not signed as it says.'],
  bundle_from_future: ['bundle', 'fail', 'The trust bundle was issued later than now: check the clock.'],
  bundle_expired: ['bundle', 'fail', 'The trust bundle has expired.'],
  bundle_trusted_as_given: ['bundle', 'pass', 'The group was taken from the bundle itself; nothing was pinned before.'],

  signature_unchecked: ['signature', 'unknown', 'Without a trust bundle the issuer’s key is not known.'],
  signature_key_unknown: ['signature', 'unknown', 'The trust bundle knows no such key.'],
  signature_algorithm_not_allowed: [
    'signature',
    'fail',
    'The certificate names an algorithm that its key does not use.',
  ],
  signature_invalid: ['signature', 'fail', 'The issuer did not sign this: something in it was changed.'],

  chain_not_stated: [
    'chain',
    'pass',
    'There is no X.509 certificate inside: the trust bundle alone names the issuer’s key.',
  ],
  chain_unchecked: [
    'chain',
    'unknown',
    'Without the issuer’s key and its authority an X.509 certificate says nothing.',
  ],
  chain_malformed: ['chain', 'fail', 'The X.509 certificate inside cannot be read, or there is more than one.'],
  chain_authority_unknown: ['chain', 'unknown', 'The group names no certificate authority to hold it against.'],
  chain_untrusted: ['chain', 'fail', 'The group’s authority did not issue the X.509 certificate inside.'],
  chain_key_mismatch: ['chain', 'fail', 'The X.509 certificate inside is for another key than the issuer’s.'],
  chain_name_mismatch: ['chain', 'fail', 'The X.509 certificate inside is for another domain than the issuer’s.'],
  chain_not_in_force: [
    'chain',
    'fail',
    'The X.509 certificate inside was not in force when the certificate was anchored.',
  ],
  chain_time_unknown: [
    'chain',
    'unknown',
    'The X.509 certificate inside is not in force now, and when the certificate was anchored is not proved.',
  ],

  issuer_unchecked: ['issuer', 'unknown', 'Without a trust bundle nobody says who may issue this.'],
  issuer_not_listed: ['issuer', 'fail', 'The group knows no such issuer.'],
  issuer_newer_than_bundle: ['issuer', 'unknown', 'The certificate is newer than the trust bundle.'],
  issuer_name_mismatch: ['issuer', 'fail', 'The certificate names another issuer than the one whose key it carries.'],
  issuer_type_not_listed: ['issuer', 'fail', 'The issuer never had the right to issue this type.'],
  issuer_time_unknown: [
    'issuer',
    'unknown',
    'When the certificate was anchored is not proved, so rights cannot be judged.',
  ],
  issuer_key_not_active: ['issuer', 'fail', 'The issuer’s key was not in use when the certificate was anchored.'],
  issuer_not_entitled_yet: ['issuer', 'fail', 'The issuer got the right to this type only later.'],
  issuer_entitlement_ended: ['issuer', 'fail', 'The issuer’s right to this type had ended.'],
  issuer_frozen: ['issuer', 'fail', 'The issuer’s right to this type was frozen.'],
  issuer_succeeded: [
    'issuer',
    'pass',
    'The issuer had the right and has been dissolved since: a successor keeps this type now.',
  ],
  issuer_compromised: ['issuer', 'fail', 'The issuer was compromised when the certificate was anchored.'],

  anchor_missing: ['anchor', 'unknown', 'The proof of anchoring was withheld or never put in.'],
  anchor_malformed: ['anchor', 'fail', 'The proof of anchoring cannot be read.'],
  anchor_unchecked: ['anchor', 'unknown', 'Without a receipt that holds there is nothing to compare with.'],
  anchor_transaction_unrelated: ['anchor', 'fail', 'The receipt is of a transaction that anchors no such batch.'],
  anchor_not_by_issuer: ['anchor', 'fail', 'The batch was anchored by somebody else than the issuer.'],
  anchor_type_mismatch: ['anchor', 'fail', 'The batch was anchored for another type of certificate.'],
  anchor_mismatch: ['anchor', 'fail', 'The certificate is not one of those that were anchored.'],

  receipt_missing: ['receipt', 'unknown', 'The receipt was withheld or never put in.'],
  receipt_malformed: ['receipt', 'fail', 'The receipt cannot be read.'],
  receipt_leaf_malformed: ['receipt', 'fail', 'The receipt’s log entry cannot be read.'],
  receipt_unchecked: ['receipt', 'unknown', 'Without a trust bundle the log’s keys are not known.'],
  receipt_other_log: ['receipt', 'fail', 'The receipt is of another log.'],
  receipt_log_signature_invalid: ['receipt', 'fail', 'No trusted log key signed the receipt’s checkpoint.'],
  receipt_quorum_missing: ['receipt', 'fail', 'Too few members cosigned the receipt’s checkpoint.'],
  receipt_not_included: ['receipt', 'fail', 'The log entry is not part of the log that was signed.'],
  receipt_transaction_refused: ['receipt', 'fail', 'The ledger refused the transaction that the receipt is of.'],
  receipt_forked_log: ['receipt', 'fail', 'The log has signed two histories: the receipt’s is not the trust bundle’s.'],

  status_unchecked: ['status', 'unknown', 'Without a trust bundle that holds now, nothing can be called unrevoked.'],
  status_not_stated: ['status', 'unknown', 'The certificate names no status list.'],
  status_list_missing: ['status', 'unknown', 'The trust bundle does not carry the status list of this certificate.'],
  status_list_malformed: ['status', 'unknown', 'The status list cannot be read.'],
  status_list_key_unknown: ['status', 'unknown', 'The status list is not signed by a key of the issuer.'],
  status_list_chain_invalid: [
    'status',
    'unknown',
    'The X.509 certificate in the status list is not the issuer’s, or not of the group’s authority.',
  ],
  status_list_signature_invalid: ['status', 'unknown', 'The signature on the status list does not hold.'],
  status_list_compromised: [
    'status',
    'unknown',
    'The status list was anchored while the issuer’s keys were in other hands: revocations may have been lifted.',
  ],
  status_list_expired: [
    'status',
    'unknown',
    'The status list has expired: the certificate may have been revoked since.',
  ],
  status_list_too_old: ['status', 'unknown', 'The status list is older than is accepted here.'],
  status_bundle_expired: [
    'status',
    'unknown',
    'The trust bundle has expired: the certificate may have been revoked since.',
  ],
  status_index_out_of_range: ['status', 'fail', 'The certificate names a place that its status list does not have.'],
  status_revoked: ['status', 'fail', 'The issuer has revoked the certificate.'],
  status_suspended: ['status', 'fail', 'The issuer has suspended the certificate.'],
  status_superseded: ['status', 'fail', 'The certificate has been replaced by a newer one.'],
  status_value_unknown: ['status', 'fail', 'The status list gives a status that has no meaning here.'],

  template_unchecked: ['template', 'unknown', 'Without a trust bundle nothing says how this type is shown.'],
  template_not_listed: ['template', 'unknown', 'The trust bundle does not say how this type is shown.'],
  template_not_stated: [
    'template',
    'pass',
    'The certificate names no template: the one that the ledger has for its type is used.',
  ],
  template_swapped: [
    'template',
    'fail',
    'The certificate was issued for another template than the ledger has for its type.',
  ],

  holder_not_asked: ['holder', 'unknown', 'This is a copy: whoever shows it was not asked to prove that it is theirs.'],
  holder_printed: ['holder', 'unknown', 'This is a printed copy: the holder was not checked.'],
  holder_print_expired: ['holder', 'fail', 'The printed copy has expired: a new one can be printed.'],
  holder_missing: ['holder', 'fail', 'The holder’s proof was asked for and is missing.'],
  holder_key_missing: ['holder', 'fail', 'The certificate names no key of a holder.'],
  holder_proof_malformed: ['holder', 'fail', 'The holder’s proof cannot be read.'],
  holder_algorithm_not_allowed: ['holder', 'fail', 'The holder’s proof names an algorithm that its key does not use.'],
  holder_signature_invalid: ['holder', 'fail', 'The proof is not signed by the holder’s key.'],
  holder_other_presentation: ['holder', 'fail', 'The holder’s proof is of another presentation.'],
  holder_audience_wrong: ['holder', 'fail', 'The holder’s proof was made for somebody else.'],
  holder_nonce_wrong: ['holder', 'fail', 'The holder’s proof answers another question than the one asked.'],
  holder_proof_from_future: ['holder', 'fail', 'The holder’s proof was made later than now: check the clocks.'],
  holder_proof_too_old: ['holder', 'fail', 'The holder’s proof was made too long ago.'],

  freshness_issued_in_future: ['freshness', 'fail', 'The certificate was issued later than now: check the clock.'],
  freshness_not_yet_valid: ['freshness', 'fail', 'The certificate is not valid yet.'],
  freshness_expired: ['freshness', 'fail', 'The certificate has expired.'],
  freshness_bundle_too_old: ['freshness', 'unknown', 'The trust bundle is older than is accepted here.'],
} as const satisfies { readonly [code: string]: CodeEntry }

export type CheckCode = keyof typeof checkCodes

export function isCheckCode(code: string): code is CheckCode {
  return Object.hasOwn(checkCodes, code)
}

/** What to do with the verdict, and one English sentence. */
export const nextSteps = {
  accept: 'Everything was checked; nothing more is needed.',
  accept_as_copy:
    'The certificate is genuine and in force. To know that it belongs to whoever shows it, ask for a live presentation.',
  accept_by_policy:
    'The certificate is genuine. What is still open, the rules of its type leave open: look at the open checks.',
  choose_certificate: 'This is not a certificate: choose the file that the holder received from the issuer.',
  do_not_accept: 'Do not rely on it, and tell the issuer if you think it should be good.',
  ask_issuer: 'Ask the issuer: it has taken the certificate back, suspended it or replaced it.',
  ask_for_current: 'Ask the holder for a certificate that is in force now.',
  ask_for_holder_proof: 'Ask the holder to present the certificate again, to you, now.',
  ask_for_whole_certificate: 'Ask the holder for the certificate with its proof of anchoring.',
  get_bundle: 'Get the trust bundle of the group and check again.',
  get_newer_bundle: 'Get the newest trust bundle of the group and check again.',
  get_right_bundle: 'Do not use this trust bundle: get it again from a source that you trust.',
  check_clock: 'Check the clock of this machine, then check again.',
} as const satisfies { readonly [step: string]: string }

export type NextStep = keyof typeof nextSteps
