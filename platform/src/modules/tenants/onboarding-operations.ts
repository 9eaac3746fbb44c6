import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { z } from '#kernel/schema'
import { onboardingDismissed } from './events.ts'
import { dismissOnboarding, isOnboardingDismissed } from './onboarding-store.ts'
import { onboardingSteps } from './ports.ts'

/** What there is to begin with in an organisation: each step is done when what it asks for is there. */

export const readOnboarding = operation({
  name: 'onboarding.read',
  summary: 'Show what there is to begin with here, and what of it is done',
  description: 'Nobody ticks a step: it is done once what it asks for is there, whoever has seen to it.',
  http: 'GET /onboarding',
  output: z.object({
    dismissed: z.boolean().describe('Whether you do not want to see it any more.'),
    steps: z
      .array(z.object({ key: z.string().max(100).describe('The module, a dot and a name.'), done: z.boolean() }))
      .max(50),
  }),
  permission: 'tenant:read',

  async run(ctx) {
    const dismissed = await isOnboardingDismissed(ctx)
    const steps: { key: string; done: boolean }[] = []
    for (const [key, { permission, isDone }] of Object.entries(ctx.port(onboardingSteps)))
      if (ctx.permissions.has(permission)) steps.push({ key, done: await isDone(ctx) })
    return { dismissed, steps }
  },
})

export const dismissOnboardingSteps = operation({
  name: 'onboarding.dismiss',
  summary: 'Say that you do not want to see what there is to begin with any more',
  description: 'It counts for you alone, in this organisation.',
  http: 'POST /onboarding/dismiss',
  permission: 'tenant:read',
  errors: [notFound],
  emits: [onboardingDismissed],

  async run(ctx) {
    const member = (await dismissOnboarding(ctx)) ?? ctx.fail(notFound)
    ctx.record(onboardingDismissed, { after: member })
  },
})
