import { event } from '#kernel/operation'

export const tenantMeasured = event('tenant.measured', {
  version: 1,
  carries: ['measuredAt', 'storedRows', 'storedBytes', 'days'],
})
export const measurementRequested = event('measurement.requested', { version: 1 })
