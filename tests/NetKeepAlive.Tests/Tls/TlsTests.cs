using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Opening;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Waiting;
using Xunit;

namespace NetKeepAlive.Tests.Tls;

public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly SocketListener _listener = TcpListeners.Listen(IPAddress.Loopback, 0);
    private readonly StreamSocket _client;
    private readonly StreamSocket _server;

    public TlsTests()
    {
        _client = new TcpConnector().Connect(["localhost"], _listener.LocalPort!.Value, CancellationToken.None);
        _server = (StreamSocket)_listener.Accept(Limit);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_sides_know_what_was_agreed_and_talk_through_it(SslProtocols version)
    {
        await ProtectAsync(
            new TlsOptions { SkipCertificateCheck = true, Protocols = version, ApplicationProtocols = ["a/1", "b/2"] },
            new TlsOptions { ApplicationProtocols = ["b/2"] });
        Assert.Equal(version, _client.Tls!.Protocol);
        Assert.Equal(version, _server.Tls!.Protocol);
        Assert.Equal("b/2", _client.Tls.ApplicationProtocol);
        Assert.Equal("b/2", _server.Tls.ApplicationProtocol);
        Assert.Equal(_certificate.Thumbprint, _client.Tls.PeerCertificate!.Thumbprint);
        Assert.Null(_server.Tls.PeerCertificate);
        Assert.Equal("localhost", _server.Tls.TargetHost);

        _client.Send("hello"u8);
        Assert.Equal("hello", _server.Receive(Limit)!.Text);
        _server.Send("world\nand"u8);
        Assert.Equal(ReceiveStatus.Message, Wait(_client, new ReceiveRequest { Delimiter = Delimiter.Line(System.Text.Encoding.UTF8) }, out SocketMessage? line));
        Assert.Equal("world", line!.Text);
        Assert.Equal("and", _client.Receive(Limit)!.Text);
    }

    [Fact]
    public async Task A_wait_that_is_given_up_loses_nothing()
    {
        await ProtectAsync();
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<TimeoutException>(() => _server.Receive(TimeSpan.FromMilliseconds(5)));
            using CancellationTokenSource cancel = new(5);
            Assert.ThrowsAny<OperationCanceledException>(() => _server.Receive(null, cancel.Token));
        }

        _client.Send("still here"u8);
        Assert.Equal("still here", _server.Receive(Limit)!.Text);
    }

    [Fact]
    public async Task Megabytes_pass_in_both_directions_at_once_and_a_slow_reader_is_waited_for()
    {
        await ProtectAsync();
        byte[] data = new byte[8_000_000];
        new Random(2).NextBytes(data);
        Task<byte[]> atServer = Task.Run(() => ReadAll(_server));
        Task<byte[]> atClient = Task.Run(() => ReadAll(_client));
        // An emulated processor encrypts and decrypts all of it in more than one limit.
        TimeSpan limit = 5 * Limit;
        Task toClient = Task.Run(() =>
        {
            _server.Send(data, limit);
            _server.Shutdown(SocketShutdown.Send);
        });
        _client.Send(data, limit);
        _client.Shutdown(SocketShutdown.Send);
        await toClient;
        Assert.Equal(data, await atServer);
        Assert.Equal(data, await atClient);
    }

    [Fact]
    public async Task A_send_to_a_reader_who_reads_nothing_times_out_and_the_stream_stays_whole()
    {
        await ProtectAsync();
        byte[] record = new byte[16000];
        int sent = 0;
        try
        {
            while (true)
            {
                Array.Fill(record, (byte)sent);
                _client.Send(record, TimeSpan.FromMilliseconds(200));
                sent++;
            }
        }
        catch (TimeoutException)
        {
            // Full. The same again, now that somebody reads, must arrive once.
        }

        Task<byte[]> reading = Task.Run(() => ReadAll(_server));
        _client.Send(record, Limit);
        _client.Shutdown(SocketShutdown.Send);
        byte[] got = await reading;
        Assert.Equal((sent + 1) * record.Length, got.Length);
        Assert.All(
            Enumerable.Range(0, sent + 1),
            i => Assert.True(got.AsSpan(i * record.Length, record.Length).IndexOfAnyExcept((byte)i) < 0));
    }

    [Fact]
    public async Task Events_and_waiting_on_many_see_what_is_inside()
    {
        await ProtectAsync();
        (NetSocket quiet, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
        using (quiet)
        using (other)
        using (Readiness readiness = new(default))
        {
            System.Collections.Generic.List<int> ready = [];
            Assert.False(readiness.Wait(
                [quiet, _server], WaitDirection.Receive, Deadline.After(TimeSpan.FromMilliseconds(50)), ready));
            _client.Send("x"u8);
            Assert.True(readiness.Wait([quiet, _server], WaitDirection.Receive, Deadline.After(Limit), ready));
            Assert.Equal([1], ready);
            Assert.Equal("x", _server.Receive(Limit)!.Text);
        }

        BlockingCollection<string> got = [];
        using ManualResetEventSlim ended = new();
        _server.Ended += (_, _) => ended.Set();
        _server.DataReceived += (_, message) => got.Add(message.Text);
        _client.Send("event"u8);
        Assert.True(got.TryTake(out string? text, Limit));
        Assert.Equal("event", text);
        _client.Dispose();
        Assert.True(ended.Wait(Limit));
    }

    [Fact]
    public async Task A_wrong_name_is_refused_in_words_and_the_connection_closed()
    {
        Task server = Task.Run(() => Record.Exception(() => _server.Protect(new TlsOptions { ServerCertificate = _certificate }, Limit)));
        TlsException error = Assert.Throws<TlsException>(
            () => _client.Protect(new TlsOptions { TargetHost = "elsewhere.example" }, Limit));
        Assert.Contains("'elsewhere.example'", error.Message, StringComparison.Ordinal);
        Assert.True(_client.IsClosed);
        await server;
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        Task server = Task.Run(() => Record.Exception(() => _server.Protect(new TlsOptions { ServerCertificate = _certificate }, Limit)));
        TlsException error = Assert.Throws<TlsException>(() => _client.Protect(new TlsOptions(), Limit));
        Assert.Contains("not trusted", error.Message, StringComparison.Ordinal);
        Assert.Contains("or trust any", error.Message, StringComparison.Ordinal);
        await server;
    }

    [Fact]
    public void A_peer_that_says_nothing_is_given_up()
    {
        Assert.Throws<TimeoutException>(() => _client.Protect(new TlsOptions(), TimeSpan.FromMilliseconds(100)));
        Assert.True(_client.IsClosed);
    }

    [Fact]
    public void A_peer_that_speaks_no_TLS_is_an_error()
    {
        _server.Send("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
        Assert.Throws<TlsException>(() => _client.Protect(new TlsOptions { SkipCertificateCheck = true }, Limit));
    }

    [Fact]
    public void Plain_bytes_that_nobody_read_forbid_it()
    {
        _client.Send("STARTTLS\ninjected"u8);
        Assert.Equal(ReceiveStatus.Message, Wait(_server, new ReceiveRequest { Delimiter = Delimiter.Line(System.Text.Encoding.UTF8) }, out _));
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => _server.Protect(new TlsOptions { ServerCertificate = _certificate }, Limit));
        Assert.Equal("EPROTO", error.Errno);
    }

    [Fact]
    public async Task Keep_alive_is_reached_through_it()
    {
        await ProtectAsync();
        new TcpKeepAlive { IdleTime = TimeSpan.FromSeconds(33) }.Apply(_client.Handle);
        using SocketReference reference = SocketHolder.Open(_client.GetStream());
        Assert.IsType<SslStream>(_client.GetStream(), exactMatch: false);
        Assert.Equal(TimeSpan.FromSeconds(33), TcpKeepAlive.Read(reference.Handle).IdleTime);
    }

    [Fact]
    public async Task Closing_is_an_end_for_the_peer_and_no_reset_whatever_was_waited_for()
    {
        await ProtectAsync();
        Assert.Throws<TimeoutException>(() => _server.Receive(TimeSpan.FromMilliseconds(20)));
        _server.Send("last words"u8);
        _server.Dispose();
        Assert.Equal("last words", _client.Receive(Limit)!.Text);
        Assert.Null(_client.Receive(Limit));

        // The kernel tells a reset from an end by an error on the next calls.
        Assert.Equal(0, NetKeepAlive.Options.SocketOptions.Error.Get(_client.Handle));
    }

    [Fact]
    public async Task Closing_while_another_waits_ends_that_wait()
    {
        await ProtectAsync();
        Task waiting = Eventually.Waits(() => _server.Receive(Limit));
        _server.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    private async Task ProtectAsync(TlsOptions? client = null, TlsOptions? server = null)
    {
        Task atServer = Task.Run(
            () => _server.Protect((server ?? new TlsOptions()) with { ServerCertificate = _certificate }, Limit));
        _client.Protect(client ?? new TlsOptions { SkipCertificateCheck = true }, Limit);
        await atServer;
    }

    private static byte[] ReadAll(StreamSocket socket)
    {
        using MemoryStream all = new();
        while (socket.Receive(Limit) is { } message)
        {
            all.Write(message.Data);
        }

        return all.ToArray();
    }

    private static ReceiveStatus Wait(StreamSocket socket, ReceiveRequest request, out SocketMessage? message)
    {
        using Readiness readiness = new(default);
        ReceiveStatus status;
        while ((status = socket.TryReceive(request, out message)) is ReceiveStatus.Nothing)
        {
            Assert.True(readiness.Wait(socket, WaitDirection.Receive, Deadline.After(Limit)));
        }

        return status;
    }
}
