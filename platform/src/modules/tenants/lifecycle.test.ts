import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TenantState } from '#kernel/context'
import { graceEnd, stateAfter, type Transition, transitions } from './lifecycle.ts'

/** Every transition from every state: a dash is none. */
const table: Record<Exclude<TenantState, 'cancelled'>, Record<Transition, TenantState | '-'>> = {
  provisioning: row('active', '-', '-', '-', '-', '-', '-'),
  active: row('-', 'read_only', 'suspended', '-', 'cancelled', '-', '-'),
  read_only: row('-', '-', 'suspended', 'active', 'cancelled', '-', '-'),
  suspended: row('-', 'read_only', '-', 'active', 'cancelled', '-', '-'),
  purged: row('-', '-', '-', '-', '-', '-', '-'),
}

function row(...states: (TenantState | '-')[]): Record<Transition, TenantState | '-'> {
  const names = ['activate', 'makeReadOnly', 'suspend', 'reactivate', 'cancel', 'restore', 'purge'] as const
  return Object.fromEntries(names.map((name, index) => [name, states[index]])) as Record<Transition, TenantState | '-'>
}

test('a tenant changes from state to state as listed, and in no other way', () => {
  for (const [state, expected] of Object.entries(table)) {
    for (const transition of Object.keys(transitions) as Transition[]) {
      const after = stateAfter(transition, { state: state as TenantState, stateBefore: null })
      assert.equal(after ?? '-', expected[transition], `${transition} from ${state}`)
    }
  }
})

test('a cancelled tenant is purged, or restored to what it was before and to nothing better', () => {
  for (const before of ['active', 'read_only', 'suspended'] as const) {
    const standing = { state: 'cancelled', stateBefore: before } as const
    const possible = (Object.keys(transitions) as Transition[]).flatMap((transition) => {
      const after = stateAfter(transition, standing)
      return after === undefined ? [] : [[transition, after]]
    })
    assert.deepEqual(possible, [
      ['restore', before],
      ['purge', 'purged'],
    ])
  }
})

test('the grace period is thirty days, also over the change of the clocks and a leap day', () => {
  assert.equal(graceEnd('2026-03-01T08:00:00.000Z'), '2026-03-31T08:00:00.000Z')
  assert.equal(graceEnd('2028-02-10T08:00:00.000Z'), '2028-03-11T08:00:00.000Z')
})
