using System.Text;
using NetKeepAlive.Sockets.Streams;

namespace NetKeepAlive.Sockets;

/// <summary>How a receive went.</summary>
internal enum ReceiveStatus
{
    /// <summary>There was something.</summary>
    Message,

    /// <summary>There is nothing now.</summary>
    Nothing,

    /// <summary>The peer has ended its side: nothing will come any more.</summary>
    End,
}

/// <summary>What a caller wants of a receive.</summary>
internal sealed record ReceiveRequest
{
    /// <summary>Whole messages, UTF-8.</summary>
    internal static readonly ReceiveRequest Default = new();

    /// <summary>Message sockets: the longest message wanted; a longer one is cut and says so. Streams: the most bytes
    /// that one message brings, and the longest line. Null is no limit, and <see cref="LongestLine"/> of
    /// lines.</summary>
    internal int? MaximumLength { get; init; }

    /// <summary>How the text is decoded.</summary>
    internal Encoding Encoding { get; init; } = Encoding.UTF8;

    /// <summary>Streams: what ends a message, and is no part of it; null for messages as they come.</summary>
    internal Delimiter? Delimiter { get; init; }

    /// <summary>Streams: exactly so many bytes; fewer come only with the end of the stream.</summary>
    internal int? ByteCount { get; init; }

    /// <summary>Streams: the next descriptors, with the bytes that bring them; what comes before stays.</summary>
    internal bool WantsHandles { get; init; }

    /// <summary>The longest line where <see cref="MaximumLength"/> says nothing: 1 MiB.</summary>
    internal const int LongestLine = 1 << 20;
}
