import { listener } from '#kernel/operation'
import { tenantMeasured } from './events.ts'
import type { Measurement } from './model.ts'
import { keepMeasurement } from './store.ts'

/** Brings what was found in a tenant's place to the control database. */
export const keepAnalytics = listener('analytics.keep', {
  on: tenantMeasured,
  target: 'control',
  run: (ctx, { data }) => keepMeasurement(ctx, data as Measurement),
})
