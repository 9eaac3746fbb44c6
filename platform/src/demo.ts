import { setTimeout as wait } from 'node:timers/promises'
import type { Actor, Placement } from '#kernel/context'
import { noTenant } from '#kernel/database/signed-context'
import type { Product, SystemRole } from '#kernel/module'
import { type Operation, requireOperation } from '#kernel/operation'
import { findPerson } from '#modules/identity'
import type { EmbeddedInbox } from './adapters/mail/embedded-inbox.ts'
import { colleagues, type DemoPerson, demoPassword, globexOwner, owner, staff } from './demo-people.ts'
import type { Installation } from './installation.ts'
import { system, systemSession } from './system-session.ts'

/**
 * Fills an empty installation with two organisations, by the same operations and mails that people use. Every part
 * looks first whether it is there, so a start that was cut short is simply finished by the next.
 */
export async function createDemo(
  installation: Installation,
  product: Product,
  inbox: EmbeddedInbox,
  model: Placement['model'] = 'pool',
): Promise<void> {
  const demo = new Demo(installation, inbox, model)
  for (const person of [owner, globexOwner, ...colleagues, staff]) await demo.ensurePerson(person)
  await demo.ensureStaff(staff)
  await demo.ensureTenant(owner, { slug: 'acme', name: 'Acme Robotics' })
  await demo.ensureTenant(globexOwner, { slug: 'globex', name: 'Globex' })
  for (const colleague of colleagues) await demo.ensureMember('acme', colleague)
  for (const [slug, email] of [
    ['acme', owner.email],
    ['globex', globexOwner.email],
  ] as const) {
    const people = (await demo.members(slug, email)).map(({ userId }) => userId)
    await product.demo?.({ slug, people, owner: (operation, input) => demo.callIn(slug, email, operation, input) })
  }
}

const mailTimeoutMs = 10_000

class Demo {
  readonly #installation: Installation
  readonly #inbox: EmbeddedInbox
  readonly #model: Placement['model']
  readonly #people = new Map<string, Actor>()

  constructor(installation: Installation, inbox: EmbeddedInbox, model: Placement['model']) {
    this.#installation = installation
    this.#inbox = inbox
    this.#model = model
  }

  async ensurePerson({ email, name }: DemoPerson): Promise<void> {
    const find = () => findPerson(systemSession(this.#installation.databases.identity), email)
    if (!(await find())) {
      const since = new Date().toISOString()
      await this.#call('accounts.create', nobody, { email, name, password: demoPassword, locale: 'en' })
      await this.#useMailedToken(email, since, (token) => this.#call('accounts.verify', nobody, { token }))
    }
    const person = await find()
    if (!person) throw new Error(`${email} has no account`)
    this.#people.set(email, { kind: 'person', id: person.userId, name, email })
  }

  async ensureStaff({ email }: DemoPerson): Promise<void> {
    const { id: userId } = this.#actor(email)
    const { items } = (await this.#call('staff.list', system, {})) as { items: { userId: string }[] }
    if (!items.some((each) => each.userId === userId))
      await this.#call('staff.appoint', system, { email, reason: 'Staff of the demo.' })
  }

  async ensureTenant(by: DemoPerson, tenant: { slug: string; name: string }): Promise<void> {
    const { items } = (await this.#call('tenants.list', this.#actor(by.email), {})) as { items: { slug: string }[] }
    if (items.some(({ slug }) => slug === tenant.slug)) return
    if (this.#model === 'pool') await this.#call('tenants.create', this.#actor(by.email), tenant)
    else {
      const place = { owner: by.email, model: this.#model, reason: 'An organisation of the demo.' }
      await this.#call('staffTenants.create', system, { ...tenant, ...place })
    }
  }

  async ensureMember(slug: string, { email, role }: DemoPerson & { role: SystemRole }): Promise<void> {
    const members = await this.members(slug, owner.email)
    if (members.some((member) => member.email === email)) return
    const since = new Date().toISOString()
    const invited = await this.callIn(slug, owner.email, 'invitations.create', { email, role }).catch(() => undefined)
    if (!invited) await this.#resend(slug, email)
    await this.#useMailedToken(email, since, (token) => this.#call('invitations.accept', this.#actor(email), { token }))
  }

  async members(slug: string, as: string): Promise<{ email: string; userId: string }[]> {
    const { items } = (await this.callIn(slug, as, 'members.list', { limit: 100, sort: 'name' })) as {
      items: { email: string; userId: string }[]
    }
    return items
  }

  async #resend(slug: string, email: string): Promise<void> {
    const { items } = (await this.callIn(slug, owner.email, 'invitations.list', { limit: 100 })) as {
      items: { id: string; email: string }[]
    }
    await this.callIn(slug, owner.email, 'invitations.resend', { id: items.find((each) => each.email === email)?.id })
  }

  callIn(slug: string, email: string, operation: string | Operation, input: object): Promise<unknown> {
    return this.#call(operation, this.#actor(email), input, { tenant: slug })
  }

  #call(operation: string | Operation, actor: Actor, input: object, where: { tenant?: string } = {}): Promise<unknown> {
    const called =
      typeof operation === 'string' ? requireOperation(this.#installation.operations, operation) : operation
    return this.#installation.call(called, actor, input, where)
  }

  #actor(email: string): Actor {
    const actor = this.#people.get(email)
    if (!actor) throw new Error(`the demo has no ${email}`)
    return actor
  }

  /**
   * Uses the token that is mailed to somebody, once the relay has delivered it. A mail with an older one, which a start that
   * was killed has left, may come first: its token holds no more.
   */
  async #useMailedToken(email: string, since: string, use: (token: string) => Promise<unknown>): Promise<void> {
    const tried = new Set<string>()
    let refusal: unknown = new Error(`no mail came to ${email}`)
    for (const giveUpAtMs = performance.now() + mailTimeoutMs; performance.now() < giveUpAtMs; await wait(10)) {
      const letters = (await this.#inbox.letters()).filter(({ to, receivedAt }) => to === email && receivedAt >= since)
      for (const { text } of letters) {
        const token = /token=([\w-]+)/.exec(text)?.[1]
        if (token === undefined || tried.has(token)) continue
        tried.add(token)
        try {
          await use(token)
          return
        } catch (error) {
          refusal = error
        }
      }
    }
    throw refusal
  }
}

const nobody: Actor = { kind: 'nobody', id: noTenant, name: '' }
