export { type Answer, bytesAnswer, jsonAnswer, textAnswer } from './answer.ts'
export { createApi } from './create-api.ts'
export {
  createDocumentStore,
  type DocumentStore,
  type DocumentStoreOptions,
  documentMediaTypes,
  type StoredDocument,
} from './documents.ts'
export { type Call, type Endpoint, type Refused, refusedWith } from './endpoint.ts'
export * from './options.ts'
export { readTokenType } from './read-token.ts'
export { apiRefusals } from './refusals.ts'
