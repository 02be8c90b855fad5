using System;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Tasks;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Waiting;
using Xunit;

namespace NetKeepAlive.Tests.Tls;

/// <summary>Protected connections on which something goes wrong after the two sides have agreed.</summary>
public sealed class TlsFailureTests : IDisposable
{
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly TcpPair _pair = new();

    public void Dispose()
    {
        _pair.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task A_reset_does_not_look_like_an_end()
    {
        await ProtectAsync();
        _pair.Client.Reset();
        Assert.Equal(
            "ECONNRESET", Assert.Throws<NativeSocketException>(() => _pair.Server.Receive(TcpPair.Limit)).Errno);
    }

    [Fact]
    public async Task Bytes_in_the_clear_among_protected_ones_are_refused()
    {
        await ProtectAsync();
        Assert.Equal(5, _pair.Client.Socket.Send("clear"u8));
        _pair.Client.Socket.Shutdown(SocketShutdown.Send);
        TlsException error = Assert.Throws<TlsException>(() => _pair.Server.Receive(TcpPair.Limit));
        Assert.StartsWith("TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_protected_once()
    {
        await ProtectAsync();
        Assert.Equal(
            $"{_pair.Client.Tls!.Protocol} {_pair.Client.Tls.Cipher}", _pair.Client.Tls.ToString());
        Assert.True(_pair.Server.Tls!.IsServer);
        Assert.False(_pair.Client.Tls.IsServer);
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => _pair.Client.Protect(new TlsOptions { SkipCertificateCheck = true }));
        Assert.Equal("EALREADY", error.Errno);

        // And goes on as it was; descriptors never pass through it.
        Assert.Equal(
            "EOPNOTSUPP",
            Assert.Throws<NativeSocketException>(
                () => _pair.Client.SendHandles([_pair.Server.Handle], "x"u8)).Errno);
        _pair.Client.Send("as before"u8);
        Assert.Equal("as before", _pair.Server.Receive(TcpPair.Limit)!.Text);
    }

    [Fact]
    public async Task An_error_reaches_the_events()
    {
        await ProtectAsync();
        TaskCompletionSource<Exception> error = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pair.Server.ErrorOccurred += (_, args) => error.TrySetResult(args.Exception);
        _pair.Server.Closed += (_, args) => closed.TrySetResult(args.HadError);
        _pair.Server.DataReceived += (_, _) => { };
        _pair.Client.Reset();
        Assert.Equal(
            "ECONNRESET",
            Assert.IsType<NativeSocketException>(await error.Task.WaitAsync(TcpPair.Limit)).Errno);
        Assert.True(await closed.Task.WaitAsync(TcpPair.Limit));
    }

    [Fact]
    public async Task The_reason_is_said_and_the_state_follows()
    {
        await ProtectAsync();
        _pair.Client.Socket.Send("GET / HTTP/1.0\r\n\r\n"u8);
        TlsException error = Assert.Throws<TlsException>(() => _pair.Server.Receive(TcpPair.Limit));
        Assert.EndsWith(error.GetBaseException().Message, error.Message, StringComparison.Ordinal);
        Assert.Equal(SocketState.Closed, _pair.Server.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_without_close_notify_is_told(bool announced)
    {
        await ProtectAsync();
        _pair.Client.Send("all of it?"u8);
        End(announced);
        Assert.Equal("all of it?", _pair.Server.Receive(TcpPair.Limit)!.Text);
        Assert.False(_pair.Server.EndedWithoutCloseNotify);
        Assert.Null(_pair.Server.Receive(TcpPair.Limit));
        Assert.Equal(!announced, _pair.Server.EndedWithoutCloseNotify);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_that_the_end_cut_comes_with_the_news_of_it(bool announced)
    {
        await ProtectAsync();
        _pair.Client.Send("whole\nHALF OF A LI"u8);
        Assert.Equal("whole", ReceiveLine()!.Text);
        Assert.False(_pair.Server.EndedWithoutCloseNotify);
        End(announced);
        Assert.Equal("HALF OF A LI", ReceiveLine()!.Text);
        Assert.Equal(!announced, _pair.Server.EndedWithoutCloseNotify);
        Assert.Null(ReceiveLine());
        Assert.Equal(!announced, _pair.Server.EndedWithoutCloseNotify);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_reads_the_stream_is_told_of_an_end_without_close_notify(bool announced)
    {
        await ProtectAsync();
        End(announced);
        Assert.Equal(0, _pair.Server.GetStream().Read(new byte[1]));
        Assert.Equal(!announced, _pair.Server.EndedWithoutCloseNotify);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_the_stream_closes_the_connection(bool isAsync)
    {
        await ProtectAsync();
        TaskCompletionSource<bool> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pair.Server.Closed += (_, args) => closed.TrySetResult(args.HadError);
        System.IO.Stream stream = _pair.Server.GetStream();
        for (int round = 0; round < 2; round++)
        {
            if (isAsync)
            {
                await stream.DisposeAsync();
            }
            else
            {
                stream.Dispose();
            }

            Assert.Equal(SocketState.Closed, _pair.Server.State);
            Assert.True(_pair.Server.Handle.IsClosed);
            Assert.Equal(0, _pair.Listener.ConnectionCount);
        }

        _pair.Server.Close();
        Assert.False(await closed.Task.WaitAsync(TcpPair.Limit));
        Assert.Null(_pair.Client.Receive(TcpPair.Limit));
        Assert.False(_pair.Client.EndedWithoutCloseNotify);
    }

    // What the stream has done by itself leaves nothing to say: it was shut down, or what it writes to is gone.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_closed_whatever_TLS_says(bool announced)
    {
        await ProtectAsync();
        SslStream stream = (SslStream)_pair.Server.GetStream();
        if (announced)
        {
            await stream.ShutdownAsync();
        }
        else
        {
            TlsInner(stream).Dispose();
        }

        _pair.Server.Close();
        Assert.True(_pair.Server.Handle.IsClosed);
        Assert.Equal(0, _pair.Listener.ConnectionCount);
        Assert.Null(_pair.Client.Receive(TcpPair.Limit));
        Assert.Equal(!announced, _pair.Client.EndedWithoutCloseNotify);
    }

    [Fact]
    public async Task What_a_line_left_over_is_in_the_stream_of_tls()
    {
        await ProtectAsync();
        System.IO.Stream stream = _pair.Server.GetStream();
        _pair.Client.Send("line\nrest"u8);
        Assert.Equal("line", ReceiveLine()!.Text);
        byte[] buffer = new byte[4];
        Assert.Equal(4, await stream.ReadAtLeastAsync(buffer, 4));
        Assert.Equal("rest", Encoding.ASCII.GetString(buffer));
        _pair.Client.Send("more"u8);
        Assert.Equal(4, stream.ReadAtLeast(buffer, 4));
        Assert.Equal("more", Encoding.ASCII.GetString(buffer));
        _pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    private SocketMessage? ReceiveLine()
    {
        ReceiveRequest line = new() { Delimiter = Delimiter.Line(Encoding.UTF8) };
        SocketMessage? message;
        using WaitLoop waiting = new(TcpPair.Limit, System.Threading.CancellationToken.None);
        while (_pair.Server.TryReceive(line, out message) is ReceiveStatus.Nothing)
        {
            waiting.Again(_pair.Server, WaitDirection.Receive);
        }

        return message;
    }

    private void End(bool announced)
    {
        if (announced)
        {
            _pair.Client.Shutdown(SocketShutdown.Send);
        }
        else
        {
            _pair.Client.Socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static System.IO.Stream TlsInner(SslStream stream) => (System.IO.Stream)typeof(AuthenticatedStream)
        .GetProperty("InnerStream", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(stream)!;

    private async Task ProtectAsync()
    {
        Task server = Task.Run(() => _pair.Server.Protect(new TlsOptions { ServerCertificate = _certificate }, TcpPair.Limit));
        _pair.Client.Protect(new TlsOptions { SkipCertificateCheck = true, TargetHost = "localhost" }, TcpPair.Limit);
        await server;
    }
}
