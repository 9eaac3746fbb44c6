import { heldByTenantMax } from '../database/fair-share.ts'
import { Failure } from '../errors/failure.ts'
import { overloaded, tenantBusy } from '../errors/platform-failures.ts'
import type { Log } from '../observe/log.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import type { Priority } from './priority.ts'
import { ShedReport } from './shed-report.ts'

/** The part of the limit up to which a priority is let in: what a lower one may not fill is left to those above it. */
const partOfLimit: Readonly<Record<Exclude<Priority, 'sign-in'>, number>> = { write: 0.9, read: 0.8, export: 0.5 }

/** Signing in has room of its own: no other work takes it, and a flood of strangers takes none from those inside. */
const signInsPerConnection = 20
/**
 * Of a tenant's operations so many count against the limit for each connection that it may hold: one that works, one
 * that is ready to. What it has in work beyond that waits for its own turn, and delays nobody else.
 */
const countedPerHeld = 2
/** What a tenant may have in work altogether: even at 100 ms each, 2,000 operations a second with ten connections. */
const tenantPerConnection = 20
/** Seconds until trying again, drawn for each refusal, so that those refused together do not come back together. */
const retryAfterSecondsMax = 4

/** What an operation that was let in holds until it is over. */
export interface Ticket {
  readonly priority: Priority
  tenantId: string | undefined
  over: boolean
}

/** Who may begin to work in this process. It refuses before anything is done for a call, and keeps counts only. */
export class Admission {
  readonly #limit: AdaptiveLimit
  readonly #report: ShedReport
  readonly #signInsMax: number
  readonly #countedMax: number
  readonly #tenantMax: number
  #signIns = 0
  /** Operations in work by tenant; a tenant without any is not in it. */
  readonly #byTenant = new Map<string, number>()

  /** `connections` is the size of the pool that operations share. */
  constructor({ connections, log }: { connections: number; log: Log }) {
    this.#limit = new AdaptiveLimit(connections)
    this.#report = new ShedReport(log, () => this.counts)
    this.#signInsMax = signInsPerConnection * connections
    this.#countedMax = countedPerHeld * heldByTenantMax(connections)
    this.#tenantMax = tenantPerConnection * connections
  }

  /** Lets an operation of that priority in, or throws `platform.overloaded`. Whoever gets a ticket must `leave` with it. */
  enter(priority: Priority): Ticket {
    if (!this.#hasRoom(priority)) {
      this.#report.refuse(priority)
      throw new Failure(overloaded, { retryAfterSeconds: soon() })
    }
    this.#report.admit()
    if (priority === 'sign-in') this.#signIns += 1
    else this.#limit.add()
    return { priority, tenantId: undefined, over: false }
  }

  #hasRoom(priority: Priority): boolean {
    if (priority === 'sign-in') return this.#signIns < this.#signInsMax
    return this.#limit.inWork < this.#limit.limit * partOfLimit[priority]
  }

  /**
   * Counts the operation for its tenant, or throws `tenant.busy`. To be called once it is certain that the caller belongs
   * there: strangers must not fill a tenant's room.
   */
  enterTenant(ticket: Ticket, tenantId: string): void {
    if (ticket.priority === 'sign-in') return
    const inWork = (this.#byTenant.get(tenantId) ?? 0) + 1
    if (inWork > this.#tenantMax) throw new Failure(tenantBusy, { retryAfterSeconds: soon() })
    this.#byTenant.set(tenantId, inWork)
    ticket.tenantId = tenantId
    if (inWork > this.#countedMax) this.#limit.remove()
  }

  /** Says that the operation succeeded: those that are refused on their way do not tell how long work takes. */
  countDone({ priority }: Ticket): void {
    if (priority !== 'sign-in') this.#limit.countDone()
  }

  /** Says that the operation is over, however it ended. Saying so twice changes nothing. */
  leave(ticket: Ticket): void {
    if (ticket.over) return
    ticket.over = true
    const { priority, tenantId } = ticket
    if (priority === 'sign-in') this.#signIns -= 1
    else if (tenantId === undefined || this.#leaveTenant(tenantId) <= this.#countedMax) this.#limit.remove()
  }

  /** Returns how many the tenant had in work until now. */
  #leaveTenant(tenantId: string): number {
    const inWork = this.#byTenant.get(tenantId) ?? 0
    if (inWork <= 1) this.#byTenant.delete(tenantId)
    else this.#byTenant.set(tenantId, inWork - 1)
    return inWork
  }

  /** How things stand: the limit, what counts against it, and what has room of its own. */
  get counts(): { limit: number; inWork: number; signIns: number; tenants: number } {
    const { limit, inWork } = this.#limit
    return { limit: Math.floor(limit), inWork, signIns: this.#signIns, tenants: this.#byTenant.size }
  }
}

function soon(): number {
  return 1 + Math.floor(Math.random() * retryAfterSecondsMax)
}
