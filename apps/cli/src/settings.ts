/** What the command line reads from its surroundings, in one place. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface CliSettings {
  /** The node to speak to. */
  readonly url: string
  readonly keysDirectory: string
  /** Newest trust bundles seen, so that an older one is refused. */
  readonly pinsFile: string
  readonly passphraseFile: string | undefined
}

type Environment = { readonly [name: string]: string | undefined }

export function readCliSettings(environment: Environment): CliSettings {
  const home = environment['CHENGXIN_HOME'] || join(homedir(), '.chengxin')
  return {
    url: environment['CHENGXIN_URL'] || localUrl(environment),
    keysDirectory: join(home, 'keys'),
    pinsFile: join(home, 'trusted-groups.json'),
    passphraseFile: environment['CHENGXIN_PASSPHRASE_FILE'] || undefined,
  }
}

/** Where a node with the same environment would listen. */
function localUrl(environment: Environment): string {
  const host = environment['CHENGXIN_HOST'] || 'localhost'
  const isAny = host === '0.0.0.0' || host === '::'
  const name = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${environment['CHENGXIN_PORT'] || '8080'}`
}
