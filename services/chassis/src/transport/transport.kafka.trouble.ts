/** What went wrong with Kafka, in words that say what to do. No user's name and no password is among them. */

interface Raised {
  readonly name?: string;
  readonly message?: string;
  /** Of a socket or of TLS. */
  readonly code?: unknown;
  /** Of Kafka's protocol. */
  readonly type?: string;
  readonly broker?: string;
  readonly cause?: unknown;
}

const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/;

type Explain = (error: Raised, text: string) => string | null;

const EXPLANATIONS: readonly Explain[] = [
  (_, text) =>
    /KAFKA_\w+_FILE names .*/.exec(text)?.[0]?.concat(': put the PEM file there, or correct the variable') ?? null,
  ({ name }, text) =>
    name === 'KafkaJSSASLAuthenticationError' || /SASL .*authentication failed/i.test(text)
      ? /not supported|not enabled/i.test(text)
        ? 'Kafka does not take this way of signing in: set KAFKA_SASL_MECHANISM to one that its listener offers'
        : 'Kafka refuses the user or the password: correct KAFKA_USERNAME and KAFKA_PASSWORD, or make the user at the broker for the mechanism of KAFKA_SASL_MECHANISM'
      : null,
  ({ type }, text) =>
    type === 'UNSUPPORTED_SASL_MECHANISM' || /mechanism .*(not supported|unsupported)/i.test(text)
      ? 'Kafka does not take this way of signing in: set KAFKA_SASL_MECHANISM to one that its listener offers'
      : null,
  ({ code }) =>
    UNTRUSTED.test(String(code))
      ? `The certificate of Kafka is signed by nobody we trust (${code}): name the authority's PEM file in KAFKA_CA_FILE`
      : null,
  ({ code }) =>
    code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
      ? `The certificate of Kafka is not good today (${code}): renew it at the broker, or correct this machine's clock`
      : null,
  ({ code }) =>
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? 'The certificate of Kafka is for another host: name the brokers in KAFKA_BROKERS as their certificates do'
      : null,
  ({ code }, text) =>
    /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA)|HANDSHAKE_FAILURE/.test(String(code)) ||
    /certificate required|alert bad certificate/i.test(text)
      ? 'Kafka wants to see a certificate of ours that it trusts: set KAFKA_CERT_FILE and KAFKA_KEY_FILE'
      : null,
  ({ code }, text) =>
    code === 'WANTS_TLS' || /it wants TLS/.test(text) ? 'Kafka speaks TLS at this port: set KAFKA_TLS=true' : null,
  ({ code }, text) =>
    /before secure TLS connection/.test(text) || code === 'ERR_SSL_WRONG_VERSION_NUMBER'
      ? 'Kafka speaks no TLS at this port: name its TLS listener in KAFKA_BROKERS, or leave KAFKA_TLS out'
      : null,
  ({ type }) =>
    type?.endsWith('_AUTHORIZATION_FAILED')
      ? `Kafka does not allow this to our user (${type}): grant it read and write on merit.* and read on its group`
      : null,
  ({ code }) =>
    code === 'ECONNREFUSED' ? 'Nobody listens where Kafka should be: is it started, and KAFKA_BROKERS right?' : null,
  ({ code }) =>
    code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'The name of the broker is not known: correct KAFKA_BROKERS' : null,
];

const EXPLAINED = 'KafkaTrouble';

/**
 * The same trouble as an error whose message says what to do, as far as it is known; the original is its cause.
 * What is an explanation already stays as it is.
 */
export function explained(error: unknown): Error {
  if (error instanceof Error && error.name === EXPLAINED) return error;
  const chain = causesOf(error);
  for (const raised of chain) {
    for (const explain of EXPLANATIONS) {
      const words = explain(raised, raised.message ?? '');
      if (words === null) continue;
      const broker = chain.find((each) => each.broker)?.broker;
      const explanation = new Error(`${words}${broker ? ` (${broker})` : ''}.`, { cause: error });
      return Object.assign(explanation, { name: EXPLAINED });
    }
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** The innermost first: it knows best. */
function causesOf(error: unknown): Raised[] {
  const chain: Raised[] = [];
  for (let each = error as Raised | undefined; each && chain.length < 8; each = each.cause as Raised | undefined) {
    if (chain.includes(each)) break;
    chain.unshift(each);
  }
  return chain;
}
