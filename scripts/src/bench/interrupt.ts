/** Ctrl-C in the middle of a measurement leaves nothing running and nothing on the disk. */
export function stopOnInterrupt(stop: () => Promise<void>): () => void {
  const interrupted = () => void stop().finally(() => process.exit(130));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupted);
  return () => {
    for (const signal of signals) process.off(signal, interrupted);
  };
}
