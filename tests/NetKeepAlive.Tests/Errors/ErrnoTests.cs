using System.Net.Sockets;
using Xunit;

namespace NetKeepAlive.Tests.Errors;

public sealed class ErrnoTests
{
    [Theory]
    [InlineData(SocketError.AccessDenied, "EACCES")]
    [InlineData(SocketError.AddressNotAvailable, "EADDRNOTAVAIL")]
    [InlineData(SocketError.AddressAlreadyInUse, "EADDRINUSE")]
    [InlineData(SocketError.TooManyOpenSockets, "EMFILE")]
    [InlineData(SocketError.NoBufferSpaceAvailable, "ENOBUFS")]
    [InlineData(SocketError.OperationAborted, "ECANCELED")]
    [InlineData(SocketError.InvalidArgument, "EINVAL")]
    [InlineData(SocketError.OperationNotSupported, "EOPNOTSUPP")]
    [InlineData(SocketError.ConnectionReset, "ECONNRESET")]
    [InlineData(SocketError.TimedOut, "ETIMEDOUT")]
    public void An_error_of_NET_has_the_name_that_a_user_expects(SocketError error, string name) =>
        Assert.Equal(
            name, NativeSocketException.FromSocketException("call", new SocketException((int)error)).Errno);

    [Theory]
    [InlineData(SocketError.SocketError)]
    [InlineData(SocketError.SystemNotReady)]
    public void An_error_without_a_row_has_none(SocketError error) => Assert.Null(Errno.FromSocketError(error));
}
