/** See run-child.js, which runs before anything that reads types. */
export function runChild(
  node: string,
  nodeArguments: readonly string[],
  options?: { cwd?: string; captureOutput?: boolean; stop?: AbortSignal },
): Promise<{ code: number | null; signal: string | null; output: string }>
