/**
 * The network between members as a test sees fit: every link from one engine to another passes through here, where bytes
 * are held back for as long as they would travel, and where a link can be cut.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface Link {
  readonly from: number
  readonly to: number
}

class LinkProxy {
  readonly link: Link
  readonly #target: number
  readonly #delayMs: () => number
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #isCut = false

  constructor(link: Link, target: number, delayMs: () => number) {
    this.link = link
    this.#target = target
    this.#delayMs = delayMs
    this.#server = createServer((near) => this.#join(near))
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /** What is under way is lost, and nobody gets through until it is mended. */
  cut(isCut: boolean): void {
    this.#isCut = isCut
    if (isCut) for (const socket of this.#open) socket.destroy()
  }

  close(): void {
    this.cut(true)
    this.#server.close()
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy()
      return
    }
    const far = connect({ host: '127.0.0.1', port: this.#target })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(one)
      one.setNoDelay(true)
      one.on('error', () => {})
      one.on('close', () => {
        this.#open.delete(one)
        other.destroy()
      })
      // Timers of one length end in the order in which they began, so bytes keep theirs.
      one.on('data', (bytes: Buffer) => void setTimeout(() => other.writable && other.write(bytes), this.#delayMs()))
    }
  }
}

export class Links {
  readonly #proxies: readonly LinkProxy[]
  readonly #ports = new Map<string, number>()
  #delayMs = 0

  constructor(targets: readonly number[]) {
    const members = targets.map((_target, index) => index)
    this.#proxies = members.flatMap((from) =>
      members.flatMap((to) =>
        from === to ? [] : new LinkProxy({ from, to }, targets[to] as number, () => this.#delayMs),
      ),
    )
  }

  async listen(): Promise<void> {
    for (const proxy of this.#proxies) this.#ports.set(nameOf(proxy.link), await proxy.listen())
  }

  /** Where a member finds another. */
  port(from: number, to: number): number {
    return this.#ports.get(nameOf({ from, to })) as number
  }

  /** How long bytes are on their way, to one side. */
  travel(milliseconds: number): void {
    this.#delayMs = milliseconds
  }

  /** Only members of one part hear each other. */
  part(...parts: readonly (readonly number[])[]): void {
    const partOf = (member: number) => parts.findIndex((part) => part.includes(member))
    for (const proxy of this.#proxies) proxy.cut(partOf(proxy.link.from) !== partOf(proxy.link.to))
  }

  heal(): void {
    for (const proxy of this.#proxies) proxy.cut(false)
  }

  close(): void {
    for (const proxy of this.#proxies) proxy.close()
  }
}

function nameOf({ from, to }: Link): string {
  return `${from} ${to}`
}
