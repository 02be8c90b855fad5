// Accepts connections and closes them; prints how many a second. The other side is the C program of the same name.
const { spawn } = require('child_process');
const net = require('net');
const path = require('path');

let accepted = 0;
const server = net.createServer((socket) => {
  accepted++;
  socket.on('error', () => {});
  socket.destroy();
}).listen(0, '127.0.0.1', () => {
  const load = spawn(path.join(__dirname, '../build/accepts'), ['load', server.address().port]);
  setTimeout(() => {
    const start = process.hrtime.bigint();
    accepted = 0;
    setTimeout(() => {
      console.log(Math.round(accepted / (Number(process.hrtime.bigint() - start) / 1e9)));
      load.kill('SIGKILL');
      process.exit(0);
    }, 1000);
  }, 500);
});
