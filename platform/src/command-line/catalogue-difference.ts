/** The databases are not as the modules declare them. Nothing is served until they are. */
export class CatalogueDifference extends Error {
  constructor(differences: readonly string[]) {
    super(
      `The databases are not as this release declares them, so nothing is served:\n${differences.map((each) => `  - ${each}`).join('\n')}\n` +
        'Undo what was changed by hand, or put it into a migration and the manifest of its module.',
    )
  }
}
