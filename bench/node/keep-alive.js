// Set interval, set probes, get both, in a loop, through net-keepalive; prints rounds per second.
const net = require('net');
const keepAlive = require('net-keepalive');

const rounds = 20000;
const server = net.createServer().listen(0, '127.0.0.1', () => {
  const socket = net.connect(server.address().port, '127.0.0.1', () => {
    socket.setKeepAlive(true, 1000);
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) {
      keepAlive.setKeepAliveInterval(socket, 10000);
      keepAlive.setKeepAliveProbes(socket, 3);
      if (keepAlive.getKeepAliveInterval(socket) !== 10000 || keepAlive.getKeepAliveProbes(socket) !== 3) {
        process.exit(1);
      }
    }
    console.log(Math.round(rounds / (Number(process.hrtime.bigint() - start) / 1e9)));
    process.exit(0);
  });
});
