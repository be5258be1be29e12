// What rooms are made with elsewhere, each as its manual has it: what one says, the others hear. node peers.mjs ws|socketio|yjs PORT
// Resolved from the folder of npm's packages that this process is started in; permessage-deflate is off, as it is with us.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [kind, port] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);

if (kind === 'ws') {
  const { WebSocketServer, WebSocket } = require('ws');
  const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => {
      for (const other of server.clients) {
        if (other !== socket && other.readyState === WebSocket.OPEN) other.send(data, { binary });
      }
    });
  });
} else if (kind === 'socketio') {
  const { Server } = require('socket.io');
  const server = new Server({ transports: ['websocket'], perMessageDeflate: false });
  server.on('connection', (socket) => socket.on('f', (frame) => socket.broadcast.emit('f', frame)));
  server.listen(createServer().listen(Number(port), '127.0.0.1'));
} else {
  const { WebSocketServer } = require('ws');
  const { setupWSConnection } = await import(pathToFileURL(`${process.cwd()}/node_modules/@y/websocket-server/src/utils.js`));
  const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });
  server.on('connection', setupWSConnection);
}
