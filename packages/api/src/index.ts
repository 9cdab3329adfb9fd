export { createApi } from './create-api.ts'
export {
  createDocumentStore,
  type DocumentStore,
  type DocumentStoreOptions,
  documentMediaTypes,
  type StoredDocument,
} from './documents.ts'
export * from './options.ts'
export { readTokenType } from './read-token.ts'
export { apiRefusals } from './refusals.ts'
