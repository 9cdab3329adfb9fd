/**
 * A thread that admits: it opens envelopes, looks up keys in committed state and checks signatures, in batches. What it
 * finds good goes straight to execution; what it rejects goes back to whoever sent it.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { AdmissionDesk } from './admission-desk.ts'
import { haltOf } from './engine-health.ts'
import type { AdmissionSetup, FromAdmission, RulesChanged, ToAdmission } from './messages.ts'

const setup = workerData as AdmissionSetup
const main = parentPort as MessagePort
const desk = new AdmissionDesk(setup)

main.on('message', (message: ToAdmission | RulesChanged) => {
  if ('rulesetHash' in message) return desk.useRules(message.rulesetHash)
  try {
    const { admitted, rejected } = desk.judge(message)
    setup.execution.postMessage(admitted, [admitted.table.buffer as ArrayBuffer, admitted.texts.buffer as ArrayBuffer])
    main.postMessage({ batch: message.batch, rejected } satisfies FromAdmission)
  } catch (error) {
    // Damage that was met in reading a key, say. It must be named, not guessed from a thread that is gone.
    main.postMessage({ batch: message.batch, rejected: [], health: haltOf(error) } satisfies FromAdmission)
  }
})
