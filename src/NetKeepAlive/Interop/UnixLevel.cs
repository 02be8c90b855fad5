using System;

namespace NetKeepAlive.Interop;

/// <summary>Keeps the options of TCP and IP from a Unix socket where its kernel takes their numbers for its own: asked
/// for TCP_NODELAY, macOS gives the peer's credentials (xnu <c>bsd/kern/uipc_usrreq.c</c>,
/// <c>uipc_ctloutput</c>).</summary>
internal static class UnixLevel
{
    /// <summary>Refuses an option of another level than the socket's own.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="target">The option's name, for the error.</param>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: it is a Unix socket.</exception>
    internal static void Check(HeldDescriptor socket, string target)
    {
        Abi abi = Abi.Current;
        Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
        if (SockAddr.Family(name[..Libc.GetSockName(socket, name)], abi) == abi.AfUnix)
        {
            throw new NativeSocketException("getsockopt", Errno.EOPNOTSUPP, target);
        }
    }
}
