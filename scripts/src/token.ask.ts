import { trouble } from '@merit/infra/trouble';

/**
 * A bearer token of the person with this handle.
 * @throws Trouble when the identity provider is not there, or knows nobody of that handle
 */
export async function askToken(issuer: string, handle: string): Promise<string> {
  const body = new URLSearchParams({ client_id: 'merit-local', grant_type: 'urn:merit:grant:person', handle });
  const response = await fetch(`${issuer}/token`, { method: 'POST', body }).catch(() => {
    throw trouble(
      `Merit does not run: nothing answers at ${issuer}. Start it with npm start, or say where by MERIT_PORT.`,
    );
  });
  const answer = (await response.json().catch(() => ({}))) as { access_token?: string; error_description?: string };
  if (answer.access_token) return answer.access_token;
  throw trouble(`The identity provider at ${issuer} gave no token: ${answer.error_description ?? response.status}.`);
}
