export * from './keystore.ts'
export * from './native-signer.ts'
export * from './new-key.ts'
export * from './passphrase.ts'
