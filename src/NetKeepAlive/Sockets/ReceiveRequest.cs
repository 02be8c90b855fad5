using System.Text;

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

    /// <summary>The longest message wanted; a longer one is cut and says so. Null is no limit.</summary>
    internal int? MaximumLength { get; init; }

    /// <summary>How the text is decoded.</summary>
    internal Encoding Encoding { get; init; } = Encoding.UTF8;

    /// <summary>Streams: one line, without its end (LF or CR LF).</summary>
    internal bool IsLine { get; init; }

    /// <summary>Streams: exactly so many bytes; fewer come only with the end of the stream.</summary>
    internal int? ByteCount { get; init; }
}
