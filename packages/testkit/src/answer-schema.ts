/** Whether a route's answer is what its JSON Schema (2020-12, as in OpenAPI 3.1) says. */
import type { JsonSchema } from '@chengxin/module-kit'
import { Ajv2020 } from 'ajv/dist/2020.js'

const ajv = new Ajv2020({ strict: false })

/** Why the answer does not fit, in one sentence; undefined when it does. */
export function schemaFault(schema: JsonSchema, answer: unknown): string | undefined {
  return ajv.validate(schema, answer) ? undefined : `${ajv.errorsText()} in ${JSON.stringify(answer)}`
}
