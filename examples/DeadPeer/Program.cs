// examples/Show-DeadPeer.ps1 without PowerShell: cuts a peer off and waits for the kernel to notice. Run it by demo.sh,
// which gives it a network namespace of its own.
using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NetKeepAlive;

TcpKeepAlive wanted = new()
{
    Enabled = true,
    IdleTime = TimeSpan.FromSeconds(1),
    Interval = TimeSpan.FromSeconds(1),
    ProbeCount = 3,
};

Ip("link set lo up");
using TcpListener listener = new(IPAddress.Loopback, 0);
listener.Start();

// The time begins when the peer is last heard from.
Stopwatch clock = Stopwatch.StartNew();
using TcpClient client = new(AddressFamily.InterNetwork);
client.Connect((IPEndPoint)listener.LocalEndpoint);
using TcpClient peer = listener.AcceptTcpClient();

Say($"connected: {client.Client.LocalEndPoint} -> {client.Client.RemoteEndPoint}");
wanted.Apply(client.Client);
TcpKeepAlive settings = TcpKeepAlive.Read(client.Client);
double expected = settings.DetectionTime!.Value.TotalSeconds;
Say("keep-alive: idle time 1 s, interval 1 s, 3 probes");
Say($"prediction: the kernel notices a dead peer after 1 + 3 x 1 = {expected} s");
Ip("link set lo down");
Say("the peer is cut off; a program that only waits for data would wait forever");

Task<int> read = client.GetStream().ReadAsync(new byte[1]).AsTask();
for (int shown = 0; await Task.WhenAny(read, Task.Delay(20)) != read;)
{
    int unanswered = TcpInfo.Read(client.Client).Probes ?? 0;
    if (unanswered > shown)
    {
        shown = unanswered;
        Say($"probe {shown} of {settings.ProbeCount} is on its way; no answer can come");
    }
}

SocketError reason = SocketError.Success;
try
{
    await read;
}
catch (IOException error) when (error.InnerException is SocketException cause)
{
    reason = cause.SocketErrorCode;
}

double took = clock.Elapsed.TotalSeconds;
Say($"the kernel gave the connection up: {reason}");
Console.WriteLine($"Predicted {expected:0.00} s, measured {took:0.00} s.");

// Never early; a busy machine may be late in seeing it.
return took < expected - 0.5 || took > expected + 30 || reason != SocketError.TimedOut ? 1 : 0;

void Say(string text) => Console.WriteLine($"{clock.Elapsed.TotalSeconds,6:0.00} s  {text}");

static void Ip(string arguments)
{
    using Process ip = Process.Start("ip", arguments);
    ip.WaitForExit();
}
