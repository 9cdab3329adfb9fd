export * from './across-groups/pin.ts'
export * from './across-groups/right-proof.ts'
export { boundedBody } from './bounded-body.ts'
export { type BureauDesk, type BureauDeskOptions, createBureauDesk } from './bureau/bureau-desk.ts'
export { identityType } from './bureau/identity-type.ts'
export { bureauRefusals } from './bureau/refusals.ts'
export * from './csv/read-csv.ts'
export * from './csv/read-table.ts'
export { type CertificatesDemoOptions, certificatesDemo } from './demo/certificates.ts'
export { DemoFailed, type DemoStep } from './demo/demo-step.ts'
export { graduationType } from './demo/graduation-type.ts'
export { type MacauDemoOptions, macauDemo } from './demo/macau.ts'
export { universityDomain } from './demo/offices.ts'
export { publishBundle } from './demo/publish-bundle.ts'
export * from './desk/endpoint.ts'
export { createOfficersWords, type OfficersWords } from './desk/officers-word.ts'
export * from './desk/person.ts'
export * from './identity-bureau/residents.ts'
export * from './issuer/batch-plan.ts'
export * from './issuer/certificate-type.ts'
export * from './issuer/graduates.ts'
export * from './issuer/issue-batch.ts'
export {
  canIssueAt,
  createIssuingOffice,
  type IssuingOffice,
  type IssuingOfficeOptions,
  type OfferMade,
  type OfferTerms,
  type OfficeType,
} from './issuer/issuing-office.ts'
export type { CertificateRecord, Claims } from './issuer/office-records.ts'
export * from './issuer/publish-status.ts'
export type { IssuerSigner } from './issuer/sign-jwt.ts'
export * from './issuer/status-reasons.ts'
export * from './issuer/status-register.ts'
export * from './kept-file.ts'
export * from './once.ts'
export { recoveriesOf } from './recoveries.ts'
export type { Account, AccountPasskey, Accounts } from './sign-in/accounts.ts'
export { createAttempts } from './sign-in/attempts.ts'
export { createInvitations, type Invitation, type Invitations } from './sign-in/invitations.ts'
export { signInRefusals } from './sign-in/refusals.ts'
export { createSignInDesk, type SignInDesk, type SignInOptions } from './sign-in/sign-in-desk.ts'
export * from './trust-bundle/agree-with-node.ts'
export * from './trust-bundle/collect-bundle.ts'
export * from './trust-bundle/gather-signatures.ts'
export * from './trust-bundle/sign-bundle.ts'
export { backupVault, type Restored, restoreVault, type VaultBackup } from './vault/backup.ts'
export * from './vault/face.ts'
export * from './vault/kept-in-vault.ts'
export * from './vault/memory-vault.ts'
export {
  openRow,
  openSealedVault,
  rotateVault,
  type SealedVault,
  type SealedVaultOptions,
} from './vault/sealed-vault.ts'
export * from './vault/store-face.ts'
export { openVaultKeys } from './vault/vault-keys.ts'
