using NetKeepAlive.Interop.Netlink;
namespace NetKeepAlive.Tables;

/// <summary>Has the kernel end connections: SOCK_DESTROY of sock_diag(7).</summary>
internal static class ConnectionDestroyer
{
    /// <summary>Ends one connection; its cookie makes sure that it is that one.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no CAP_NET_ADMIN; <c>ENOENT</c>: it is gone;
    /// <c>EOPNOTSUPP</c>: this kernel cannot.</exception>
    internal static void Destroy(DiagSocket socket, TcpConnection connection)
    {
        try
        {
            socket.Destroy(connection.IsIPv6, connection.Identity, connection.ToString());
        }
        catch (NativeSocketException error)
        {
            string? advice = error.Errno switch
            {
                "EPERM" => "It takes root, or the capability CAP_NET_ADMIN.",
                "ENOENT" => "The connection is gone.",
                "EOPNOTSUPP" => "This kernel lacks CONFIG_INET_DIAG_DESTROY.",
                _ => null,
            };
            throw error.WithTarget(connection.ToString(), advice);
        }
    }
}
