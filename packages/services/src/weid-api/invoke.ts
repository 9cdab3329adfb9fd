/**
 * `POST /weid/api/invoke` as WeIdentity's REST service has it: a function by its name, its arguments, the WeID whose key on
 * the server signs, and an answer with a number that is zero where all is well. Unlike there, a function that writes needs the
 * access token of a service account, and a WeID whose key is not held here, a resident's above all, is refused with a code.
 */
import { parseJsonObject } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject } from '@chengxin/kernel'
import { type WeidCode, weidCodes } from './codes.ts'
import { type Needs, weidFunctions } from './functions.ts'
import { isObject, isWeid } from './pojo.ts'
import { ledgerSentence, type WeidCall, type WeidRefusal, type WeidService } from './service.ts'

export interface WeidAnswer {
  readonly errorCode: number
  readonly errorMessage: string
  readonly respBody: Json
  /** WeIdentity's service hands back here what it was given for transactions; there is nothing to hand back. */
  readonly loopback: null
  /** Our own word for the number. */
  readonly code?: string
  /** The ledger's, where it was the ledger that refused. */
  readonly ledgerCode?: string
  /** Such as `weak_salt`. */
  readonly warnings?: readonly string[]
}

/** Answers a body as it came, with the access token of its `Authorization` header where there is one. */
export async function invokeWeid(service: WeidService, body: string, token?: string): Promise<WeidAnswer> {
  const request = parseJsonObject(body)
  if (!request) return refusedWith({ refused: 'input_malformed' })
  const { functionName, functionArg, transactionArg = {}, v } = request
  if (functionName === undefined || functionArg === undefined || v === undefined) {
    return refusedWith({ refused: 'input_missing' })
  }
  const args = objectOf(functionArg)
  const transaction = objectOf(transactionArg)
  if (typeof functionName !== 'string' || !args || !transaction) return refusedWith({ refused: 'input_malformed' })
  const known = Object.hasOwn(weidFunctions, functionName) ? weidFunctions[functionName] : undefined
  if (!known) return refusedWith({ refused: 'function_unknown' })
  const caller = await callerOf(service, known.needs, transaction['invokerWeId'], token)
  if (isRefusal(caller)) return refusedWith(caller)
  const result = await known.run(service, { args, ...caller })
  if (isRefusal(result)) return refusedWith(result)
  const { respBody, warnings = [] } = result as { respBody: Json; warnings?: readonly string[] }
  return { errorCode: 0, errorMessage: 'success', respBody, loopback: null, ...(warnings.length > 0 && { warnings }) }
}

/** Arguments come as an object, or as its text. */
function objectOf(value: Json): JsonObject | undefined {
  if (isObject(value)) return value
  if (value === '') return {}
  return typeof value === 'string' ? parseJsonObject(value) : undefined
}

async function callerOf(
  { accountOf, admits, keys }: WeidService,
  needs: Needs,
  invokerWeId: Json | undefined,
  token: string | undefined,
): Promise<Pick<WeidCall, 'account' | 'invoker'> | WeidRefusal> {
  if (needs === 'read') return {}
  if (token === undefined) return { refused: 'token_missing' }
  const account = accountOf(token)
  if (!account) return { refused: 'token_unknown' }
  if (!admits(account)) return { refused: 'too_many_calls' }
  if (needs === 'account') return { account }
  if (invokerWeId === undefined) return { refused: 'input_missing' }
  if (!isWeid(invokerWeId)) return { refused: 'input_malformed' }
  const held = await keys.find(invokerWeId)
  if (!held) return { refused: 'passkey_needed' }
  return held.account === account.name ? { account, invoker: held.signer } : { refused: 'invoker_not_yours' }
}

function refusedWith({ refused, ledgerCode }: WeidRefusal): WeidAnswer {
  if (!Object.hasOwn(weidCodes, refused)) throw new Error(`The code ${refused} is not among those of this interface.`)
  const [errorCode, sentence] = weidCodes[refused as WeidCode]
  const errorMessage = ledgerCode === undefined ? sentence : `${sentence} ${ledgerSentence(ledgerCode)}`
  return {
    errorCode,
    errorMessage,
    respBody: null,
    loopback: null,
    code: refused,
    ...(ledgerCode !== undefined && { ledgerCode }),
  }
}
