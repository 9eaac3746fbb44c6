/** Who can ask the person to prove who they are: the dialog of the page, while there is one. */
let ask: (() => Promise<boolean>) | undefined
let asking: Promise<boolean> | undefined

/** `asker` shows the question and says whether the person proved it. Returns what takes it away again. */
export function provideProof(asker: () => Promise<boolean>): () => void {
  ask = asker
  return () => {
    ask = undefined
  }
}

/** Requests that need it at the same moment share one question. */
export async function askForProof(): Promise<boolean> {
  asking ??= (ask?.() ?? Promise.resolve(false)).finally(() => {
    asking = undefined
  })
  return asking
}
