/** Whether this installation has the demo's people, as the server says in its page. */
export const isDemo = document.documentElement.dataset['demo'] !== undefined
