// The peers' own clients, which come back by themselves as they were delivered. node returning.mjs socketio|yjs PORT COUNT
// Says "there" when all are connected the first time, and then a line for each that is connected again: its time, ms since 1970.
import { createRequire } from 'node:module';

const [kind, port, count] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const were = new Set();

const connected = (number) => {
  if (were.has(number)) console.log(`back ${Date.now()}`);
  else if (were.add(number).size === Number(count)) console.log('there');
};

for (let number = 0; number < Number(count); number += 1) {
  if (kind === 'socketio') {
    const { io } = require('socket.io-client');
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    socket.on('connect', () => connected(number));
  } else {
    const { WebsocketProvider } = require('y-websocket');
    const Y = require('yjs');
    const provider = new WebsocketProvider(`ws://127.0.0.1:${port}`, 'room', new Y.Doc(), { WebSocketPolyfill: require('ws'), disableBc: true });
    provider.on('status', ({ status }) => status === 'connected' && connected(number));
  }
}
