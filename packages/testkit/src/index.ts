export * from './memory-ledger.ts'
export * from './postgres.ts'
