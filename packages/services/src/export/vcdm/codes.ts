/** Why a credential is not exported: code and one English sentence. */
export const vcdmRefusals = {
  context_missing: 'The first context is that of Verifiable Credentials 2.0.',
  context_not_supported: 'A context is not one that is known here; none is fetched.',
  id_malformed: 'An id is not one URL.',
  type_missing: 'A type is missing, or is not a list of names.',
  type_unknown: 'A type is neither a name that the contexts define nor a URL.',
  issuer_malformed: 'The issuer is not one URL, nor an object with a URL as its id.',
  subject_missing: 'The credential says nothing of anybody.',
  subject_malformed: 'The subject is not an object with claims.',
  date_malformed: 'A date has no time zone or is none at all.',
  dates_reversed: 'The credential ends before it begins.',
  text_malformed: 'A name or description is neither text nor text with a language.',
  status_malformed: 'A status is not an object with a type.',
  schema_malformed: 'A schema is not an object with a type and a URL as its id.',
  service_malformed: 'A refresh service, term of use or piece of evidence is not an object with a type.',
  resource_malformed: 'A related resource has no URL, no digest, or is named twice.',
  claim_name_malformed: 'The name of a claim is not made of letters, digits, - and _, or has a meaning of its own.',
  claim_value_malformed: 'A value is empty, not whole, or holds characters that cannot be signed.',
  claims_too_alike: 'Too many parts of the credential differ in nothing but their place.',
  already_signed: 'The credential carries a proof already.',
} as const satisfies { readonly [code: string]: string }

export type VcdmCode = keyof typeof vcdmRefusals
