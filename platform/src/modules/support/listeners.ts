import { listener } from '#kernel/operation'
import { holdersOf } from '#modules/access'
import { sendMail } from '#modules/mail'
import { accountByEmail, addressesOf } from '#modules/tenants'
import { supportAsked, supportRaiseAsked } from './events.ts'

/** Tells those who decide that staff want something; where they are always let in, that they are there. */
export const tellDeciders = listener('support.tellDeciders', {
  on: [supportAsked, supportRaiseAsked],

  async run(ctx, { event, data }) {
    const { staff, reason, raiseReason, isLetIn } = data as {
      staff: { name: string }
      reason: string
      raiseReason: string | null
      isLetIn: boolean
    }
    const wish = event === supportRaiseAsked.name ? 'change' : isLetIn ? 'looks' : 'look'
    const { name: tenant, slug } = ctx.tenant
    const values = { tenant, slug, staff: staff.name, reason: raiseReason ?? reason, wish } as const
    for (const to of await addressesOf(ctx, await holdersOf(ctx, 'support:update'))) {
      const { locale = ctx.locale } = (await ctx.port(accountByEmail)(to)) ?? {}
      ctx.enqueue(sendMail, { id: ctx.newId(), to, template: 'support', locale, values })
    }
  },
})
