import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from '../../platform/src/kernel/id.ts'
import type { RateStore } from '../../platform/src/kernel/rate/rate-store.ts'

/** Short enough to see it end, long enough that what a test does at its beginning is still in it: 120 slices of 10 ms. */
export const testWindowMs = 1_200
const sliceMs = testWindowMs / 120

export interface OpenedStores {
  /** Two processes' views of the same store. */
  readonly here: RateStore
  readonly there: RateStore
  close(): Promise<void>
}

/** What every store of rate limits does, whatever counts in it. */
export function keepRateStoreContract(open: () => Promise<OpenedStores>): void {
  let stores: OpenedStores
  before(async () => {
    stores = await open()
  })
  after(() => stores.close())
  keepLimits(() => stores)
  keepWindowsApart(() => stores)
}

const takeOne = async (store: RateStore, window: string, wanted: number, limit = 100) =>
  (await store.take([{ window, wanted, limit }]))[0] ?? assert.fail('no answer')

function keepLimits(stores: () => OpenedStores): void {
  test('what is left of a limit is granted and no more, whoever asks', async () => {
    const window = newId()
    assert.equal((await takeOne(stores().here, window, 60)).granted, 60)
    const second = await takeOne(stores().there, window, 60)
    assert.deepEqual([second.granted, second.used], [40, 100])
    assert.deepEqual((await takeOne(stores().here, window, 1)).granted, 0)
  })

  test('two who ask a hundred times at once get the limit together, to the last permit', async () => {
    const window = newId()
    const asked = Array.from({ length: 100 }, (_, index) =>
      takeOne(index % 2 === 0 ? stores().here : stores().there, window, 3, 250),
    )
    const taken = await Promise.all(asked)
    assert.equal(
      taken.reduce((sum, { granted }) => sum + granted, 0),
      250,
    )
  })

  test('what was taken leaves the window at its end, not earlier and at most a slice later', async () => {
    const window = newId()
    const beganAtMs = performance.now()
    const { freesInMs } = await takeOne(stores().here, window, 100)
    const takenAtMs = performance.now()
    assert.ok(freesInMs > testWindowMs - 5 && freesInMs <= testWindowMs + sliceMs, `free in ${freesInMs} ms`)
    while (performance.now() < beganAtMs + testWindowMs - 100) {
      assert.equal((await takeOne(stores().there, window, 1)).granted, 0)
      await wait(50)
    }
    await wait(takenAtMs + testWindowMs + sliceMs + 5 - performance.now())
    const { granted, used } = await takeOne(stores().there, window, 5)
    assert.deepEqual([granted, used], [5, 5])
  })

  test('looking takes nothing, and a window that nobody used is empty', async () => {
    const window = newId()
    assert.deepEqual(await takeOne(stores().here, window, 0), { granted: 0, used: 0, freesInMs: 0 })
    await takeOne(stores().here, window, 7)
    assert.equal((await takeOne(stores().there, window, 0)).used, 7)
  })
}

function keepWindowsApart(stores: () => OpenedStores): void {
  test('windows do not touch each other, and are answered in the order that they were asked in', async () => {
    const [one, other] = [`b ${newId()}`, `a ${newId()}`]
    const taken = await stores().here.take([
      { window: one, wanted: 3, limit: 10 },
      { window: other, wanted: 20, limit: 15 },
    ])
    assert.deepEqual(
      taken.map(({ granted, used }) => [granted, used]),
      [
        [3, 3],
        [15, 15],
      ],
    )
  })

  test('two who take from the same windows in opposite orders do not wait for each other', async () => {
    const windows = Array.from({ length: 20 }, () => newId())
    const all = (order: readonly string[]) => order.map((window) => ({ window, wanted: 1, limit: 1_000 }))
    await Promise.all(
      Array.from({ length: 20 }, () => [
        stores().here.take(all(windows)),
        stores().there.take(all(windows.toReversed())),
      ]).flat(),
    )
    assert.equal((await takeOne(stores().here, windows[0] ?? '', 0, 1_000)).used, 40)
  })

  test('a limit that was lowered is over at once, and one that was raised has more at once', async () => {
    const window = newId()
    await takeOne(stores().here, window, 50)
    assert.equal((await takeOne(stores().here, window, 1, 40)).granted, 0)
    assert.equal((await takeOne(stores().here, window, 100, 120)).granted, 70)
  })

  test('names are only names', async () => {
    for (const window of [`${newId()}'; drop table rate_windows; --`, `${newId()} ünï 𝄞 "{}" \\ %`]) {
      assert.equal((await takeOne(stores().here, window, 2)).granted, 2)
      assert.equal((await takeOne(stores().there, window, 0)).used, 2)
    }
  })
}
