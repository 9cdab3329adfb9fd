export * from './keystore.ts'
export * from './native-signer.ts'
export * from './passphrase.ts'
