/**
 * Who is who in the sample city. Its keys are public, so its people can be named; nobody else's can. Fetched in the sample
 * city alone, because the names are found by computing everybody's key.
 */
import { sampleActor, sampleNames } from '@chengxin/client'

export type CastName = (typeof sampleNames)[number]

export function sampleCast(): ReadonlyMap<string, CastName> {
  return new Map(sampleNames.map((name) => [sampleActor(name).did, name]))
}
