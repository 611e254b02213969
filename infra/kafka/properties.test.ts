import { serverProperties } from './properties.js';

const properties = (advertisedPort?: number) =>
  serverProperties({
    dataDir: '/data',
    id: 1,
    listeners: [{ protocol: 'PLAINTEXT', port: 5600, advertisedPort }],
    controllerPorts: [5602],
  });

test('clients are told of what lies before the port, and of the port where nothing does', () => {
  expect(properties(5601)).toMatch(/^listeners=PLAINTEXT:\/\/127\.0\.0\.1:5600,/m);
  expect(properties(5601)).toMatch(/^advertised\.listeners=PLAINTEXT:\/\/127\.0\.0\.1:5601$/m);
  expect(properties()).toMatch(/^advertised\.listeners=PLAINTEXT:\/\/127\.0\.0\.1:5600$/m);
});
