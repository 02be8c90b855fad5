using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Tls;

/// <summary>The connection under TLS, which notes its end: .NET's TLS reads on after each record but the peer's
/// close_notify, so an end that was read is one that TLS did not announce.</summary>
internal sealed class TlsInner(Socket socket) : NetworkStream(socket, ownsSocket: false)
{
    /// <summary>Did the connection end?</summary>
    internal bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Note(base.Read(buffer), buffer.Length);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Note(await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);

    private int Note(int read, int wanted)
    {
        HasEnded |= read == 0 && wanted > 0;
        return read;
    }
}
