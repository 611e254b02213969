/** How an office writes a name or a number varies in case and spaces; what it means does not. */
export const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** What tells a certificate from the others of an agency: each number once for its provider. */
export const certificateKey = (provider: string, number: string): string => `${plain(provider)}\n${plain(number)}`;
