using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Tables;

namespace NetKeepAlive.Tests.Tables;

/// <summary>Listings of TCP connections, read to their end.</summary>
internal static class Listing
{
    internal static List<TcpConnection> Tcp(TcpConnectionFilter? filter = null)
    {
        using SocketTables tables = new();
        return tables.List(filter ?? new TcpConnectionFilter()).ToList();
    }

    /// <summary>Without their owners.</summary>
    internal static List<TcpConnection> TcpUnowned(TcpConnectionFilter filter)
    {
        using SocketTables tables = new();
        return tables.Read(filter, default).ToList();
    }
}
