import { parseEnv } from '@merit/chassis/env';
import { kafkaOptions, kafkaSchema } from '@merit/chassis/env.kafka';

/** How Kafka is reached, by the same variables as the services'; null where no brokers are named. */
export const readKafka = (source: NodeJS.ProcessEnv) => kafkaOptions(parseEnv(kafkaSchema, source));
