import { lostBy, type TopicDrift } from '@merit/chassis/transport/transport.kafka.topics';
import { agreed, report } from '../src/merit/events.topics.js';
import { wantedTopics } from '../src/merit/events.topics.list.js';

test('each publishing service has a topic, and requests and reads have theirs', () => {
  expect(wantedTopics(3).map(({ topic }) => topic)).toEqual([
    'merit.personnel.v1',
    'merit.performance.v1',
    'merit.competency.v1',
    'merit.feedback.v1',
    'merit.requests.v1',
    'merit.access.v1',
  ]);
  for (const { partitions, replication, config } of wantedTopics(3)) {
    expect({ partitions, replication, inSync: config['min.insync.replicas'] }).toEqual({
      partitions: 6,
      replication: 3,
      inSync: '2',
    });
  }
});

test('the report says of each topic how it is, and what to do', () => {
  const wanted = wantedTopics(3).slice(0, 3);
  const drift = { setting: 'retention.ms', wanted: '1209600000', found: '60000', obstacle: null };
  const shape = { setting: 'partitions', wanted: '6', found: '3', obstacle: 'partitions must not grow' };
  const states = [
    { topic: wanted[0]!.topic, exists: true, drift: [drift, shape] },
    { topic: wanted[1]!.topic, exists: false, drift: [] },
    { topic: wanted[2]!.topic, exists: true, drift: [] },
  ];
  expect(report(wanted, states, [wanted[2]!.topic])).toBe(
    [
      'merit.personnel.v1    differs    6 partitions, 3 copies, 2 in sync, 14 days',
      '  retention.ms is 60000 and should be 1209600000',
      '  partitions is 3 and should be 6; partitions must not grow',
      'merit.performance.v1  missing    6 partitions, 3 copies, 2 in sync, 14 days',
      'merit.competency.v1   made       6 partitions, 3 copies, 2 in sync, 14 days',
      'Run it with --apply to make and mend what can be.',
    ].join('\n'),
  );
});

const drift = (setting: string, found: string, wanted: string): TopicDrift => ({
  setting,
  found,
  wanted,
  obstacle: null,
});

test.each([
  [drift('retention.ms', '2592000000', '1209600000'), 'records beyond retention.ms=1209600000 are deleted'],
  [drift('retention.ms', '-1', '1209600000'), 'which retention.ms=-1 keeps'],
  [drift('compression.type', 'gzip', "the broker's default"), 'compression.type=gzip is taken back'],
])('%j is not mended before somebody agreed', async (each, says) => {
  const states = [{ topic: 'merit.personnel.v1', exists: true, drift: [each] }];
  const asked = agreed(states, lostBy, false); // nobody sits at this terminal
  await expect(asked).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
  await expect(asked).rejects.toThrow(/^merit\.personnel\.v1: .*add --yes/s);
  await agreed(states, lostBy, true);
});

test.each([
  drift('retention.ms', '60000', '1209600000'),
  drift('retention.bytes', '1000', '-1'),
  drift('cleanup.policy', 'compact', 'delete'),
  { ...drift('retention.ms', '-1', '1209600000'), obstacle: 'it stays' },
])('%j loses nothing, and nobody is asked', async (each) => {
  await agreed([{ topic: 'merit.personnel.v1', exists: true, drift: [each] }], lostBy, false);
});
