/** The shape of JSON that came from outside, said as an example of it, so that what is read can be seen in one place. */
import { isDid, isHash, type Json, type JsonObject } from '@chengxin/kernel'

/**
 * A word for a scalar, a list with the shape of its members, or an object with the shape of each; a name that ends in `?`
 * may be absent. Other members than those named make it another shape.
 */
export type Shape = 'text' | 'hash' | 'did' | 'count' | 'object' | readonly [Shape] | { readonly [name: string]: Shape }

export function hasShape(value: Json | undefined, shape: Shape): boolean {
  if (typeof shape === 'string') return hasScalarShape(value, shape)
  if (Array.isArray(shape)) return Array.isArray(value) && value.every((member) => hasShape(member as Json, shape[0]))
  if (!isObject(value)) return false
  let present = 0
  for (const [spelled, memberShape] of Object.entries(shape)) {
    const isOptional = spelled.endsWith('?')
    const name = isOptional ? spelled.slice(0, -1) : spelled
    if (!Object.hasOwn(value, name)) {
      if (isOptional) continue
      return false
    }
    if (!hasShape(value[name], memberShape)) return false
    present++
  }
  return present === Object.keys(value).length
}

function hasScalarShape(value: Json | undefined, shape: string): boolean {
  switch (shape) {
    case 'text':
      return typeof value === 'string'
    case 'hash':
      return typeof value === 'string' && isHash(value)
    case 'did':
      return typeof value === 'string' && isDid(value)
    case 'count':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    default:
      return isObject(value)
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
