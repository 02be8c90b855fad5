using System.Linq;
using System.Net.Sockets;
using System.Reflection;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

public sealed class ErrnoTests
{
    [Fact]
    public void Every_errno_is_found_by_its_number_on_both_platforms()
    {
        foreach (Errno errno in Errno.All)
        {
            // Linux has one number for two names.
            Errno here = errno == Errno.ENOTSUP ? Errno.EOPNOTSUPP : errno;
            Assert.Same(here, Errno.FromNumber(errno.Linux, Platform.Linux));
            Assert.Same(errno, Errno.FromNumber(errno.Darwin, Platform.Darwin));
        }
    }

    [Fact]
    public void Every_errno_that_is_written_down_is_in_the_list() => Assert.Empty(
        typeof(Errno).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Select(static it => it.GetValue(null))
            .OfType<Errno>()
            .Except(Errno.All));

    [Fact]
    public void An_unknown_one_is_named_by_its_number() => Assert.Equal("errno 4095", Errno.FromNumber(4095).Name);

    [Theory]
    [InlineData(SocketError.AccessDenied, "EACCES")]
    [InlineData(SocketError.AddressNotAvailable, "EADDRNOTAVAIL")]
    [InlineData(SocketError.AddressAlreadyInUse, "EADDRINUSE")]
    [InlineData(SocketError.TooManyOpenSockets, "EMFILE")]
    [InlineData(SocketError.NoBufferSpaceAvailable, "ENOBUFS")]
    [InlineData(SocketError.OperationAborted, "ECANCELED")]
    [InlineData(SocketError.InvalidArgument, "EINVAL")]
    [InlineData(SocketError.OperationNotSupported, "EOPNOTSUPP")]
    [InlineData(SocketError.ConnectionRefused, "ECONNREFUSED")]
    [InlineData(SocketError.ConnectionReset, "ECONNRESET")]
    [InlineData(SocketError.NotConnected, "ENOTCONN")]
    [InlineData(SocketError.TimedOut, "ETIMEDOUT")]
    public void An_error_of_NET_has_the_name_that_a_user_expects(SocketError error, string name) =>
        Assert.Equal(
            name, NativeSocketException.FromSocketException("call", new SocketException((int)error)).Errno);

    [Theory]
    [InlineData(SocketError.SocketError)]
    [InlineData(SocketError.SystemNotReady)]
    public void An_error_without_a_row_has_none(SocketError error) => Assert.Null(Errno.FromSocketError(error));
}
