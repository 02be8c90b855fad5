using System.Net.Sockets;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

public sealed class NativeSocketExceptionTests
{
    [Fact]
    public void The_message_says_what_was_tried_on_what_and_why_it_failed()
    {
        Need.Headers();
        NativeSocketException error = new("connect", Errno.ECONNREFUSED, "/run/app.sock", "Is it running?");
        Assert.Equal("connect /run/app.sock: Connection refused (ECONNREFUSED). Is it running?", error.Message);
        Assert.Equal("connect", error.Operation);
        Assert.Equal("ECONNREFUSED", error.Errno);
        Assert.Equal(Errno.ECONNREFUSED.Value, error.ErrnoNumber);
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }
}
