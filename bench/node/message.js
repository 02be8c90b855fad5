// Messages of 64 bytes from one Unix socket to another in one process, through node-unix-socket; prints how many a
// second. argv[2]: datagram or seqpacket.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { DgramSocket, SeqpacketServer, SeqpacketSocket } = require('node-unix-socket');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nkb'));
const target = path.join(folder, 's');
const data = Buffer.alloc(64);
const total = 200000;
const window = 8;
let received = 0;
let start = 0n;

function finish() {
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(Math.round(total / seconds));
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

// A window keeps the queue from filling up: after one full queue this package's datagram sender receives no more.
function run(send) {
  start = process.hrtime.bigint();
  let sent = 0;
  const more = () => {
    while (sent < total && sent - received < window) {
      sent++;
      send();
    }
  };
  more();
  return () => {
    if (++received === total) {
      finish();
    }
    more();
  };
}

if (process.argv[2] === 'datagram') {
  const server = new DgramSocket();
  const client = new DgramSocket();
  server.bind(target);
  let onMessage;
  server.on('data', () => onMessage());
  onMessage = run(() => client.sendTo(data, 0, data.length, target));
} else {
  const server = new SeqpacketServer();
  let onMessage;
  server.on('connection', (socket) => socket.on('data', () => onMessage()));
  server.listen(target);
  const client = new SeqpacketSocket();
  client.connect(target, () => {
    onMessage = run(() => client.write(data));
  });
}
