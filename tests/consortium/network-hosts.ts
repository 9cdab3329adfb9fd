/**
 * Hosts that share a kernel and a network, and nothing else: each has processes, addresses, users and folders of its own, in
 * namespaces that end with the process that holds them. Nothing of the machine around them is changed.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { requirePeer } from '../peers/require-peer.ts'
import { home } from '../running-node.ts'

const needed = ['unshare', 'nsenter', 'setpriv', 'mount', 'ip', 'useradd', 'openssl', 'curl', 'nginx', 'sed', 'tar']

export const hasHosts = requirePeer(
  'A way to make hosts with networks of their own',
  () =>
    spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', 'mount', '-t', 'tmpfs', 'none', '/srv']).status ===
      0 && needed.every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0),
  'apt install iproute2 nginx curl openssl, and run as root where namespaces are allowed',
)

/** The first process of a host: it waits for nothing, and buries the dead. */
const waiting = 'mount --make-rprivate / && echo held && while :; do sleep 3600 & wait $!; done'
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export class NetworkHosts {
  readonly directory = mkdtempSync(join(tmpdir(), 'chengxin-four-hosts-'))
  readonly #holders = new Map<string, { readonly child: ChildProcess; readonly pid: number }>()

  /** `engine` is the program cometbft. */
  constructor(engine: string) {
    // Users of the hosts pass through it.
    chmodSync(this.directory, 0o755)
    mkdirSync(this.at('programs'))
    copyFileSync(process.execPath, this.at('programs/node'))
    copyFileSync(engine, this.at('programs/cometbft'))
    this.#makeWebAuthority()
  }

  at(...parts: readonly string[]): string {
    return join(this.directory, ...parts)
  }

  /** Something that carries frames between hosts. */
  async makeNetwork(): Promise<void> {
    await this.#hold('network')
    this.#inNetwork('ip link add bridge type bridge && ip link set bridge up')
  }

  /** A host without anything of ours but the program, under `<name>.example`. `hosts` are all names that it should know. */
  async add(name: string, names: readonly string[]): Promise<void> {
    const [root, address] = [this.at(name), addressOf(name, names)]
    for (const folder of ['etc', 'bin', 'opt/chengxin', 'scratch']) mkdirSync(join(root, folder), { recursive: true })
    cpSync('/etc', join(root, 'etc'), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    rmSync(join(root, 'etc/chengxin'), { recursive: true, force: true })
    for (const program of ['node', 'cometbft']) symlinkSync(this.at('programs', program), join(root, 'bin', program))
    writeFileSync(join(root, 'bin/systemctl'), systemctl, { mode: 0o755 })
    const known = names.map((one) => `${addressOf(one, names)} ${one}.example\n`)
    writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${known.join('')}`)
    const pid = await this.#hold(name)
    this.#inNetwork(
      `ip link add to-${name} type veth peer name eth0 netns ${pid} && ip link set to-${name} master bridge up`,
    )
    const mounts = [
      `mount --bind ${home} ${root}/opt/chengxin && mount -o remount,bind,ro ${root}/opt/chengxin`,
      `mount --bind ${root}/etc /etc && mount --bind ${root}/bin /usr/local/bin && mount --rbind ${root}/opt /opt`,
      'for place in /srv /home /run /var/log /var/lib/nginx /var/backups; do mount -t tmpfs none $place; done',
      `mkdir /var/log/nginx && ip link set lo up && ip addr add ${address}/24 dev eth0 && ip link set eth0 up`,
    ]
    const { status, stderr } = await this.run(name, 'root', mounts.join(' && '))
    if (status !== 0) throw new Error(`The host ${name} was not made:\n${stderr}`)
    this.#certifyWeb(name)
    await this.run(name, 'root', 'chmod 0644 /etc/chengxin/web-ca.pem')
  }

  /** Types into a shell on a host, as root or as the user of the service. */
  async run(name: string, user: 'root' | 'chengxin', script: string): Promise<Ran> {
    const become = user === 'root' ? [] : ['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--']
    const shell = ['bash', '-euo', 'pipefail', '-c', script]
    const typed = [...this.#entering(name), 'env', '-i', ...environmentOf(user), ...become, ...shell]
    const child = spawn('nsenter', typed, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
    const told = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (told.stdout += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (told.stderr += chunk.toString('utf8')))
    const status = await new Promise<number | null>((done) => child.once('close', done))
    return { status, ...told }
  }

  /** A file of a host, as root sees it. */
  read(name: string, path: string): string {
    return execFileSync('nsenter', [...this.#entering(name), 'cat', path], { encoding: 'utf8' })
  }

  /** As somebody does who carries a file to another host. */
  write(name: string, path: string, text: string, owner = 'chengxin'): void {
    const script = `mkdir -p $(dirname ${path}) && cat > ${path} && chown ${owner}: ${path} && chmod 0640 ${path}`
    execFileSync('nsenter', [...this.#entering(name), 'bash', '-c', script], { input: text })
  }

  remove(): void {
    for (const { child, pid } of this.#holders.values()) {
      // With the first process of a host all others of it end, and with the last its mounts and its network.
      process.kill(pid, 'SIGKILL')
      child.kill('SIGKILL')
    }
    this.#holders.clear()
    if (process.env['CHENGXIN_KEEP'] === undefined)
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
  }

  #entering(name: string): readonly string[] {
    const { pid } = this.#holders.get(name) ?? {}
    if (pid === undefined) throw new Error(`There is no host ${name}.`)
    return ['-t', String(pid), '-n', '-m', '-p']
  }

  #inNetwork(script: string): void {
    const { pid } = this.#holders.get('network') as { readonly pid: number }
    execFileSync('nsenter', ['-t', String(pid), '-n', 'sh', '-c', script], { stdio: 'pipe' })
  }

  /** The id of the first process in new namespaces, as this side sees it. */
  async #hold(name: string): Promise<number> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', ...namespaces, 'bash', '-c', waiting], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((held, failed) => {
      child.stdout.once('data', () => held())
      child.once('exit', () => failed(new Error(`The namespaces of ${name} were not made.`)))
    })
    for (;;) {
      const text = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
      if (text !== '') {
        this.#holders.set(name, { child, pid: Number(text) })
        return Number(text)
      }
      await delay(50)
    }
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.directory, stdio: 'pipe' })
  }

  #makeWebAuthority(): void {
    this.#openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-subj', '/CN=An authority for the web', '-keyout', 'web-ca.key', '-out', 'web-ca.pem'],
    )
  }

  #certifyWeb(name: string): void {
    const names = this.at(`${name}.web.cnf`)
    writeFileSync(names, `subjectAltName=DNS:${name}.example\nbasicConstraints=CA:FALSE\n`)
    this.#openssl(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}.example`],
      ...['-keyout', `${name}.web.key`, '-out', `${name}.web.csr`],
    )
    this.#openssl(
      ...['x509', '-req', '-in', `${name}.web.csr`, '-CA', 'web-ca.pem', '-CAkey', 'web-ca.key', '-CAcreateserial'],
      ...['-days', '30', '-extfile', names, '-out', `${name}.web.pem`],
    )
    for (const [from, to] of [
      [`${name}.web.pem`, 'web.pem'],
      [`${name}.web.key`, 'web.key'],
      ['web-ca.pem', 'web-ca.pem'],
    ] as const) {
      this.write(name, `/etc/chengxin/${to}`, readFileSync(this.at(from), 'utf8'), 'root')
    }
  }
}

/** Addresses of this network alone. */
function addressOf(name: string, names: readonly string[]): string {
  return `10.77.1.${names.indexOf(name) + 1}`
}

const path = '/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'

function environmentOf(user: string): readonly string[] {
  return [`PATH=${path}`, `HOME=${user === 'root' ? '/root' : `/home/${user}`}`, `USER=${user}`, 'LANG=C.UTF-8']
}

/** There is no systemd in a namespace: this starts and stops what the installed unit says, as that user, in that environment. */
const systemctl = `#!/bin/bash
set -euo pipefail
unit=/etc/systemd/system/chengxin.service
value() { sed -n "s/^$1=//p" "$unit"; }
start() {
  cd "$(value WorkingDirectory)"
  user=$(value User)
  setsid env -i PATH=${path} $(grep -v '^$' "$(value EnvironmentFile)" | tr '\\n' ' ') \\
    setpriv --reuid "$user" --regid "$user" --init-groups -- $(value ExecStart) >> /var/log/chengxin.log 2>&1 < /dev/null &
  echo $! > /run/chengxin.pid
}
stop() {
  kill -TERM "$(cat /run/chengxin.pid)"
  while kill -0 "$(cat /run/chengxin.pid)" 2> /dev/null; do sleep 0.2; done
}
case "$*" in
  daemon-reload) ;;
  'reload nginx') if [ -s /run/nginx.pid ]; then nginx -s reload; else nginx; fi ;;
  'enable --now chengxin' | 'start chengxin') start ;;
  'stop chengxin') stop ;;
  'restart chengxin') stop; start ;;
  *) echo "Not known here: $*" >&2; exit 1 ;;
esac
`
