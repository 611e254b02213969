import * as chassis from '@merit/chassis/transport/transport.open';
import { controlOf, reach } from './control.js';
import { sendDamaged } from './damage.js';

export * from '@merit/chassis/transport/transport.open';

/** The transport, on whose way to the log records meet with what the suite has in store for them. */
export const openTransport: typeof chassis.openTransport = async (...given) => {
  const transport = await chassis.openTransport(...given);
  return {
    ...transport,
    publish: (topic, records) => {
      if (records.some(({ headers }) => headers['ce_subject'] !== undefined)) reach('before-publish');
      const { damage } = controlOf();
      const send = (some: typeof records) => transport.publish(topic, some);
      return damage ? sendDamaged(damage, topic, records, send) : send(records);
    },
  };
};
