/**
 * Trouble with the machine that its owner can end: a port in use, a missing permission, a full disk.
 * The message is one line that says what is wrong and what to do; whoever shows it leaves the stack out.
 */
export const trouble = (message: string): Error => Object.assign(new Error(message), { name: 'Trouble' });

/** Whether an error came from {@link trouble}, so that one line is all there is to show. */
export const isTrouble = (error: unknown): error is Error => error instanceof Error && error.name === 'Trouble';
