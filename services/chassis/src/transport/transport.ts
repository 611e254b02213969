/** The port to whatever carries events between services. Two adapters: Kafka, and a log in PostgreSQL. */

/** A record on its way. At most 1,000,000 bytes of key, headers and value together. */
export interface EventRecord {
  /** Records of one key go to one partition and stay in order there. */
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  /** Instead of the key's partition: for what is said to each of them. */
  readonly partition?: number;
}

/** A record as it stands in the log. */
export interface LogRecord extends EventRecord {
  /** Its place in its partition. */
  readonly offset: number;
}

/** Where a partition's log begins, and where its next record will stand. */
export interface Watermarks {
  readonly low: number;
  readonly high: number;
}

/** Some records of one partition, in order, with everything needed to tell whether they are the ones to come next. */
export interface Chunk {
  /** Names the log that is there now: another one starts its offsets anew. The records may still be those of the last. */
  readonly clusterId: string;
  readonly topic: string;
  readonly partition: number;
  /** At least one. */
  readonly records: readonly LogRecord[];
  /** Another number each time this process is given the partition. */
  readonly assignment: number;
  readonly watermarks: () => Promise<Watermarks>;
  /** Told of a record, by its offset, that is set aside instead of applied, and why; where someone shows it. */
  readonly onSetAside?: (offset: number, why: Error) => void;
}

/**
 * Handles a chunk and answers the offset to go on from: usually the one after the chunk's last record; any other makes
 * the transport go there. When it throws, the partition rests for a while (jittered, growing to 30 s), the others go on,
 * and the same records come again.
 */
export type ChunkHandler = (chunk: Chunk) => Promise<number>;

export interface GroupSubscription {
  /** False while it cannot read: no connection, or given up. A standby is ready. */
  ready(): boolean;
  /** Lets the running chunk end, gives its partitions to others, and answers then. */
  stop(): Promise<void>;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Records that the group has not been through. */
  readonly lag: number;
  /** Where the partition's next record will stand. */
  readonly end: number;
}

export interface EventTransport {
  /**
   * Makes the topics that are missing, and answers how many partitions each has. The number is fixed: another one would
   * send the events of a key to another partition.
   */
  ensureTopics(topics: readonly string[]): Promise<Map<string, number>>;

  /**
   * Resolves when the records are durable. Order is kept per key. When it throws, any of them may have been written all
   * the same: publishing again is right, and readers skip what they had.
   * @throws DomainError EVENT_TOO_LARGE, EVENT_REFUSED: one of the records will never be taken, and none or some were
   */
  publish(topic: string, records: readonly EventRecord[]): Promise<void>;

  /**
   * Reads topics as a member of a group, which together reads each record at least once, each partition by one member at
   * a time. Begins at the start of the log.
   * @throws when it cannot connect
   */
  subscribe(group: string, topics: readonly string[], onChunk: ChunkHandler): Promise<GroupSubscription>;

  /** How far the group is behind, for each partition of the topics. */
  lag(group: string, topics: readonly string[]): Promise<PartitionLag[]>;

  /** Stops subscriptions, lets what runs end for at most so many milliseconds, and closes connections. */
  close(deadlineMs: number): Promise<void>;
}
