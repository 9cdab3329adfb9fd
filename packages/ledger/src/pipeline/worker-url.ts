/** Where the programs of the threads lie: beside the program itself, since all are built into one folder. */
export type WorkerName = 'execution-worker' | 'admission-worker' | 'state-root-worker' | 'snapshot-worker'

export type WorkerUrl = (name: WorkerName) => URL

export const workerUrl: WorkerUrl = (name) => new URL(`./${name}.js`, import.meta.url)
