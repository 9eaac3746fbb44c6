/** A need of modules that something outside the platform fulfils, by one of several adapters. */
export interface Port<Contract> {
  readonly name: string
  /** Only for the compiler: which contract the adapters of this port keep. */
  readonly contract?: Contract
}

export function port<Contract>(name: string): Port<Contract> {
  return Object.freeze({ name })
}

/** Which adapter each port has in this installation. */
export class Ports {
  readonly #adapters = new Map<Port<unknown>, unknown>()

  bind<Contract>(port: Port<Contract>, adapter: Contract): this {
    this.#adapters.set(port, adapter)
    return this
  }

  of<Contract>(port: Port<Contract>): Contract {
    if (!this.#adapters.has(port)) throw new Error(`nothing is bound to the port ${port.name}`)
    return this.#adapters.get(port) as Contract
  }
}
