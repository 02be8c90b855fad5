// A server that echoes: one byte of each connection, or line after line. The clients are the C program of that name.
const { execFile } = require('child_process');
const net = require('net');
const path = require('path');

const [mode] = process.argv.slice(2);
const serve = {
  connections: (socket) => socket.once('data', (data) => socket.end(data)),
  line: (socket) => {
    let rest = '';
    socket.setEncoding('utf8').on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop();
      lines.forEach((line) => socket.write(`${line}\n`));
    });
  },
}[mode];
const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  serve(socket);
}).listen(0, '127.0.0.1', 511, () => {
  const { port } = server.address();
  const clients = mode === 'line' ? ['line', port, 2, 2] : ['connections', port, 8, 2, 2];
  execFile(path.join(__dirname, '../build/clients'), clients, (error, output) => {
    if (error) {
      throw error;
    }
    console.log(output.trim());
    process.exit(0);
  });
});
