using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

public sealed class ConnectionOwnerTests
{
    // Holds one connection, and does as it is told: puts another socket on its descriptor, closes it, or tells the
    // option it has.
    private const string Client = """
        import socket,sys,os,struct
        s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))
        other=socket.socket()
        print(s.fileno(),flush=True)
        for line in sys.stdin:
            word=line.strip()
            if word=='replace': os.dup2(other.fileno(),s.fileno())
            if word=='close': os.close(s.fileno())
            if word=='probes': print(socket.socket(fileno=os.dup(other.fileno())).getsockopt(6,6),flush=True); continue
            if word=='linger': print(struct.unpack('ii',s.getsockopt(1,13,8)),flush=True); continue
            print('done',flush=True)
        """;

    public ConnectionOwnerTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Fact]
    public void A_listed_connection_leads_to_its_socket_and_leaves_it_as_it_was()
    {
        using Foreign foreign = new();
        using (SocketReference open = SocketHolder.Open(foreign.Row))
        {
            new TcpKeepAlive { Enabled = true, ProbeCount = 7 }.Apply(open.Handle);
        }

        using SocketReference again = SocketHolder.Open(foreign.Row);
        Assert.Equal(7, TcpKeepAlive.Read(again.Handle).ProbeCount);
        // An owning SafeSocketHandle would have set SO_LINGER to zero when it was disposed.
        Assert.Equal("(0, 0)", foreign.Ask("linger"));
    }

    [Fact]
    public void A_descriptor_that_holds_another_socket_is_refused_and_that_socket_not_touched()
    {
        using Foreign foreign = new();
        string before = foreign.Ask("probes");
        foreign.Ask("replace");
        NativeSocketException error = Assert.Throws<NativeSocketException>(() => SocketHolder.Open(foreign.Row));
        Assert.Equal("EBADF", error.Errno);
        Assert.Contains("now holds something else", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, foreign.Ask("probes"));
    }

    [Fact]
    public void A_descriptor_that_was_closed_and_a_process_that_ended_are_told()
    {
        using Foreign foreign = new();
        foreign.Ask("close");
        Assert.Equal(
            "EBADF", Assert.Throws<NativeSocketException>(() => SocketHolder.Open(foreign.Row)).Errno);
        foreign.End();
        Assert.Equal(
            "ESRCH", Assert.Throws<NativeSocketException>(() => SocketHolder.Open(foreign.Row)).Errno);
    }

    [Fact]
    public void A_connection_that_ended_while_its_process_holds_it_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs CAP_NET_ADMIN");
        using Foreign foreign = new();
        using SocketTables tables = new();
        tables.End(foreign.Row);
        Assert.Equal(
            "ENOTCONN", Assert.Throws<NativeSocketException>(() => SocketHolder.Open(foreign.Row)).Errno);
        Assert.Equal(
            "ENOENT",
            Assert.Throws<NativeSocketException>(() => tables.End(foreign.Row)).Errno);
        Assert.Equal(
            "ENOENT", Assert.Throws<NativeSocketException>(() => tables.ReadInfo(foreign.Row)).Errno);
    }

    [Fact]
    public void A_connection_that_no_process_holds_is_told()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        // Connected, but not accepted: the kernel alone has it.
        TcpConnection row = Assert.Single(Listing.Tcp(new TcpConnectionFilter
        {
            LocalPort = Ports.Of(((IPEndPoint)listener.LocalEndPoint!).Port),
            RemotePort = Ports.Of(((IPEndPoint)client.LocalEndPoint!).Port),
        }));
        Assert.Null(row.OwningProcess);
        Assert.Equal("ESRCH", Assert.Throws<NativeSocketException>(() => SocketHolder.Open(row)).Errno);
    }

    [Theory]
    [InlineData("socket:[4711]", 4711u)]
    [InlineData("socket:[4294967295]", uint.MaxValue)]
    [InlineData("socket:[4294967296]", 0u)]
    [InlineData("socket:[99999999999999999999999]", 0u)]
    [InlineData("socket:[47x1]", 0u)]
    [InlineData("socket:[4711", 0u)]
    [InlineData("socket:[", 0u)]
    [InlineData("pipe:[4711]", 0u)]
    [InlineData("/dev/null", 0u)]
    [InlineData("", 0u)]
    public void Links_are_read(string link, uint inode) =>
        Assert.Equal(inode, ProcessSockets.ParseLink(System.Text.Encoding.ASCII.GetBytes(link)));

    /// <summary>A connection whose client is another process.</summary>
    private sealed class Foreign : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Process _process;

        internal Foreign()
        {
            _listener.Start();
            int port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            try
            {
                _process = Process.Start(new ProcessStartInfo("python3", ["-c", Client, port.ToString()])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                })!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Skip("no python3 on PATH");
                throw;
            }

            int descriptor = int.Parse(_process.StandardOutput.ReadLine()!);
            TcpConnection? found = null;
            Eventually.Is(
                () => (found = Listing.Tcp(new TcpConnectionFilter { RemotePort = Ports.Of(port) })
                    .SingleOrDefault(row => row.OwningProcess is not null && row.FileDescriptor == descriptor)) is not null,
                "the other process to be the owner");
            Row = found!;
        }

        internal TcpConnection Row { get; }

        internal string Ask(string word)
        {
            _process.StandardInput.WriteLine(word);
            return _process.StandardOutput.ReadLine()!;
        }

        internal void End()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _listener.Stop();
        }
    }
}
