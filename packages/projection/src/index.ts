export { createEventDecoder, type EventVocabulary } from './event-decoder.ts'
export * from './face.ts'
export { openProjection } from './open-projection.ts'
