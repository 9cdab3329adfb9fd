export {
  claimedRegistration,
  type JudgedRequest,
  judgeRequest,
  type Purpose,
  purposeFor,
  type Registration,
  readRegistration,
  registrationDocument,
  registrationInfo,
  type Texts,
  type Wish,
} from '@chengxin/holder'
export * from './native-platform.ts'
export * from './office.ts'
export * from './refusals.ts'
export { type RequestStores, requestStores } from './request-stores.ts'
export * from './trusted.ts'
export * from './verifier-desk.ts'
