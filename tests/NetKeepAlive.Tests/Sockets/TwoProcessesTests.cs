using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Holders;
using NetKeepAlive.Opening;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>A socket that another process has, too: a program that knows nothing of this module.</summary>
public sealed class TwoProcessesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public TwoProcessesTests() => Need.Linux();

    [Theory]
    [InlineData(SocketType.Dgram)]
    [InlineData(SocketType.Seqpacket)]
    public async Task Two_readers_get_each_message_once_and_whole(SocketType type)
    {
        const int Messages = 5000;
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
        using (near)
        using (far)
        using (PythonPeer other = new("""
            s = take(sys.argv[1])
            say("taken")
            got = []
            while True:
                data = s.recv(65536)
                if not data:
                    break
                number = int.from_bytes(data[:4], "little")
                assert data[4:] == bytes([number % 251]) * (len(data) - 4)
                got.append("%d:%d" % (number, len(data)))
            say(" ".join(got))
            """))
        {
            other.Give(far.Handle);
            Task<List<(int Number, int Length)>> here = Task.Run(() => Read(far));
            Dictionary<int, int> sent = [];
            Random random = new(2);
            byte[] data = new byte[8000];
            for (int i = 0; i < Messages; i++)
            {
                int length = random.Next(2) == 0 ? random.Next(4, 20) : random.Next(1000, data.Length);
                data.AsSpan().Fill((byte)(i % 251));
                MemoryMarshal.Write(data, i);
                near.Send(data.AsSpan(0, length), Limit);
                sent.Add(i, length);
            }

            near.Send(default, Limit);
            near.Send(default, Limit);
            Task<string?> there = other.ReadLineAsync();
            (int Number, int Length)[] got =
            [
                .. await here.WaitAsync(Limit),
                .. (await there)!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static it => it.Split(':')).Select(
                    static it => (Number(it[0]), Number(it[1]))),
            ];
            Assert.Equal(Messages, got.Length);
            Assert.All(got, it => Assert.True(sent.Remove(it.Number, out int length) && length == it.Length));
        }
    }

    [Fact]
    public async Task A_listener_shared_with_a_program_that_blocks_serves_everybody_and_blocks_again_afterwards()
    {
        const int Clients = 200;
        using PythonPeer other = new("""
            s = socket.create_server(("127.0.0.1", 0))
            say(s.getsockname()[1], s.fileno(), os.getpid())
            served = 0
            while True:
                if select.select([s, sys.stdin], [], [])[0] == [sys.stdin]:
                    break
                try:
                    c, _ = s.accept()
                except BlockingIOError:
                    continue
                c.send(b"there")
                c.close()
                served += 1
            sys.stdin.readline()
            say(served)
            sys.stdin.readline()
            say(os.get_blocking(s.fileno()))
            c, _ = s.accept()
            c.send(b"blocked")
            """);
        int[] said = [.. other.ReadLine()!.Split(' ').Select(Number)];
        int[] served = new int[2];
        using (SocketListener listener = (SocketListener)ProcessDescriptor.Import(said[2], said[1]))
        {
            using CancellationTokenSource stop = new();
            Task serving = Task.Run(() => Serve(listener, stop.Token));
            for (int i = 0; i < Clients; i++)
            {
                served[Ask(said[0]) == "here" ? 1 : 0]++;
            }

            await stop.CancelAsync();
            await serving.WaitAsync(Limit);

            // It is out of accept(2), which would block for ever once the listener is closed here.
            other.WriteLine("enough");
            Assert.Equal($"{served[0]}", other.ReadLine());
            Assert.Equal(Clients, served.Sum());
        }

        other.WriteLine("look");
        Assert.Equal("True", other.ReadLine());
        Assert.Equal("blocked", Ask(said[0]));
    }

    // Sending memory whose page nobody provides, the other process sleeps with the lock of the socket in its hands.
    [Fact]
    public async Task The_collector_does_not_wait_for_a_process_that_holds_the_lock_of_a_socket()
    {
        Assert.SkipUnless(
            RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64, "the number of userfaultfd(2) is that of x64");
        using TcpPair pair = new();
        using PythonPeer other = new("""
            import ctypes, fcntl, mmap, struct, threading, time
            libc = ctypes.CDLL(None, use_errno=True)
            s = take(sys.argv[1])
            say("taken")
            fd = libc.syscall(323, 0o2004000)
            if fd < 0:
                say("no userfaultfd")
                sys.exit()
            fcntl.ioctl(fd, 0xC018AA3F, struct.pack("QQQ", 0xAA, 0, 0))
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
            page = libc.mmap(None, 4096, 3, 0x22, -1, 0)
            fcntl.ioctl(fd, 0xC020AA00, struct.pack("QQQQ", page, 4096, 1, 0))
            libc.send.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
            threading.Thread(target=libc.send, args=(s.fileno(), page, 4096, 0), daemon=True).start()
            select.select([fd], [], [], 20)
            say("locked")
            sys.stdin.readline()
            os._exit(0)
            """);
        other.Give(pair.Server.Handle);
        string? said = other.ReadLine();
        Assert.SkipUnless(said == "locked", said ?? "userfaultfd(2) is not allowed here");
        Task setting = Task.Factory.StartNew(
            () => SocketOptions.KeepAliveIdleTime.Set(pair.Server.Handle, TimeSpan.FromSeconds(60)), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.False(SpinWait.SpinUntil(() => setting.IsCompleted, 200), "nobody holds the lock");
        await Task.Run(GC.Collect).WaitAsync(TcpPair.Limit);
        Assert.False(setting.IsCompleted);
        other.WriteLine("let go");
        await setting.WaitAsync(TcpPair.Limit);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static List<(int Number, int Length)> Read(NetSocket socket)
    {
        List<(int, int)> got = [];
        while (socket.Receive(Limit) is { Length: > 0 } message)
        {
            int number = MemoryMarshal.Read<int>(message.Data);
            Assert.False(message.Truncated);
            Assert.False(message.Data.AsSpan(4).ContainsAnyExcept((byte)(number % 251)));
            got.Add((number, message.Length));
        }

        return got;
    }

    private static void Serve(SocketListener listener, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using NetSocket socket = listener.Accept(Limit, stop);
                socket.Send("here"u8);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private static string Ask(int port)
    {
        using StreamSocket client = new TcpConnector().Connect(["127.0.0.1"], port, CancellationToken.None);
        return client.Receive(Limit)!.Text;
    }
}
