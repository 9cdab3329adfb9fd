export * from './check-credential.ts'
export * from './codes.ts'
export * from './ecdsa-sd.ts'
export * from './export-certificate.ts'
