/** A number that is looked up when somebody asks for measurements, under labels of closed sets. */
import { Gauge, type Registry } from 'prom-client'
import type { GroupPlace } from './endpoint.ts'

export type Groups = ReadonlyMap<string, GroupPlace>

/** `collect` sets every value anew; labels that it does not set are no longer shown. */
export function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  collect: (set: (labels: { readonly [L in Label]: string }, value: number) => void) => void,
): void {
  registry.registerMetric(
    new Gauge<Label>({
      name: `chengxin_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset()
        collect((labels, value) => this.set(labels, value))
      },
    }),
  )
}

/** One value a group; a group that has none is left out. */
export function gaugePerGroup(
  registry: Registry,
  groups: Groups,
  name: string,
  help: string,
  valueOf: (place: GroupPlace) => number | undefined,
): void {
  gauge(registry, name, help, ['group'], (set) => {
    for (const [group, place] of groups) {
      const value = valueOf(place)
      if (value !== undefined) set({ group }, value)
    }
  })
}
