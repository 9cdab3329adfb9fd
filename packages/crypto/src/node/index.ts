export * from './fresh-bytes.ts'
export * from './hash.ts'
export * from './sign.ts'
export * from './verify.ts'
