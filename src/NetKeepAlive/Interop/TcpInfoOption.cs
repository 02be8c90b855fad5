using System;
using System.Collections.Generic;

namespace NetKeepAlive.Interop;

/// <summary>The option by which a kernel gives its statistics of a TCP connection.</summary>
/// <param name="Number">Its number, of the level IPPROTO_TCP.</param>
/// <param name="Constant">Its name.</param>
/// <param name="ToTcpInfo">Puts what it gives into the layout of Linux's <c>struct tcp_info</c>.</param>
/// <param name="Told">The fields of that structure which it tells; null is all that there is room for.</param>
/// <param name="SendQueue">The bytes written and not acknowledged, where it tells them.</param>
internal sealed record TcpInfoOption(
    int Number, string Constant, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> ToTcpInfo, IReadOnlySet<int>? Told,
    Func<byte[], long?> SendQueue);
