using System.Net.Sockets;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Errors;

public sealed class NativeSocketExceptionTests
{
    [Fact]
    public void The_message_says_what_was_tried_on_what_and_why_it_failed()
    {
        NativeSocketException error = new("connect", Errno.ECONNREFUSED, "/run/app.sock", "Is it running?");
        Assert.Equal("connect /run/app.sock: Connection refused (ECONNREFUSED). Is it running?", error.Message);
        Assert.Equal("connect", error.Operation);
        Assert.Equal("ECONNREFUSED", error.Errno);
        Assert.Equal(Errno.ECONNREFUSED.Value, error.ErrnoNumber);
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public void An_unknown_errno_is_named_by_its_number() =>
        Assert.Equal("errno 4095", NativeSocketException.FromNumber("connect", 4095).Errno);

    [Fact]
    public void Every_errno_is_found_by_its_number_on_both_platforms()
    {
        foreach (Errno errno in Errno.All)
        {
            Assert.Same(errno, Errno.FromNumber(errno.Linux, Platform.Linux));
            Assert.Same(errno, Errno.FromNumber(errno.Darwin, Platform.Darwin));
        }
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "ECONNREFUSED")]
    [InlineData(SocketError.AccessDenied, "EACCES")]
    [InlineData(SocketError.AddressAlreadyInUse, "EADDRINUSE")]
    [InlineData(SocketError.TimedOut, "ETIMEDOUT")]
    [InlineData(SocketError.NotConnected, "ENOTCONN")]
    [InlineData(SocketError.ConnectionReset, "ECONNRESET")]
    public void Dotnet_errors_read_like_ours(SocketError code, string errno) =>
        Assert.Equal(errno, NativeSocketException.FromSocketException("receive", new SocketException((int)code)).Errno);
}
