using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Addresses;
using NetKeepAlive.Sockets;

namespace NetKeepAlive;

/// <summary>
/// What one receive brought: a whole message of a datagram or seqpacket socket, or a chunk of a stream. It is also the
/// argument of the event <see cref="NetSocket.DataReceived"/>.
/// </summary>
public sealed class SocketMessage : EventArgs, IDisposable
{
    private readonly UnixAddress? _remote;
    private string? _text;
    private TextList<object>? _handles;

    internal SocketMessage(NetSocket? socket, byte[] data, int fullLength, UnixAddress? remote, Encoding? encoding)
    {
        Socket = socket;
        Data = data;
        FullLength = fullLength;
        _remote = remote;
        Encoding = encoding ?? Encoding.UTF8;
    }

    /// <summary>The bytes.</summary>
    public byte[] Data { get; }

    /// <summary>The bytes as text, by <see cref="Encoding"/>; decoded when first read.</summary>
    public string Text => _text ??= Decode();

    /// <summary>The encoding of <see cref="Text"/>.</summary>
    public Encoding Encoding { get; }

    /// <summary>How many bytes were received.</summary>
    public int Length => Data.Length;

    /// <summary>How many bytes the message had when it was sent.</summary>
    public int FullLength { get; }

    /// <summary>Was the message cut to a maximum length?</summary>
    public bool Truncated => FullLength > Data.Length;

    /// <summary>The sender's path, or <c>@name</c> in the abstract namespace; null for a sender without a
    /// name.</summary>
    public string? RemotePath => Remote?.Name;

    /// <summary>The sender's Internet address; null for Unix sockets.</summary>
    public IPAddress? RemoteAddress { get; internal init; }

    /// <summary>The sender's process, user and group, where the socket asks for them (PassCredential); else
    /// null.</summary>
    public PeerCredential? Credential { get; internal init; }

    /// <summary>The descriptors that came with the message: <see cref="NetSocket"/>, <see cref="SocketListener"/>,
    /// <see cref="System.Net.Sockets.Socket"/> or <see cref="Microsoft.Win32.SafeHandles.SafeFileHandle"/>. Those that
    /// nobody takes are closed with the message.</summary>
    public IReadOnlyList<object> Handles => _handles ??= Ask();

    /// <summary>Were there descriptors that could not be received, for this process has too many open?</summary>
    public bool HandlesLost { get; internal set; }

    /// <summary>What <see cref="Handles"/> are made of when they are first asked for; null where there are
    /// none.</summary>
    internal List<SafeFileHandle>? Descriptors { get; init; }

    /// <summary>What it takes of an allowance while nobody has asked for <see cref="Handles"/>.</summary>
    internal HandleClaim? Claim { get; set; }

    /// <summary>Has it descriptors that nobody took?</summary>
    internal bool HasHandles => _handles is { } handles ? handles.Count > 0 : Descriptors is { Count: > 0 };

    /// <summary>The socket that received it.</summary>
    public NetSocket? Socket { get; }

    /// <summary>The number of this message on its socket, from 1.</summary>
    public long Sequence { get; internal set; }

    /// <summary>When it was sent, by the kernel's clock, for Unix message sockets; else when it was received.</summary>
    public DateTimeOffset Timestamp { get; internal init; }

    /// <summary>Streams: the beginning of the first character, which came with the chunk before.</summary>
    internal byte[] TextBefore { get; init; } = [];

    /// <summary>Streams: how many bytes at the end are the beginning of a character that the next chunk ends.</summary>
    internal int TextLeft { get; init; }

    /// <summary>Where an answer goes.</summary>
    internal UnixAddress? Remote => _remote;

    /// <summary>Takes the descriptors out of the message; from then on they are the caller's to close.</summary>
    public IReadOnlyList<object> TakeHandles()
    {
        IReadOnlyList<object> handles = Handles;
        _handles = TextList<object>.None;
        return handles;
    }

    /// <summary>Closes the descriptors that nobody took.</summary>
    public void Dispose()
    {
        // What nobody asked for need not be identified.
        IEnumerable<object> handles = _handles ?? (IEnumerable<object>?)Descriptors ?? [];
        _handles = TextList<object>.None;
        Claim?.Release();
        foreach (object handle in handles)
        {
            ((IDisposable)handle).Dispose();
        }
    }

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    private TextList<object> Ask()
    {
        Claim?.Release();
        return Descriptors is { } came ? new(came.ConvertAll(ReceivedDescriptor.Identify)) : TextList<object>.None;
    }

    private string Decode()
    {
        ReadOnlySpan<byte> whole = Data.AsSpan(0, Data.Length - TextLeft);
        return TextBefore.Length == 0 ? Encoding.GetString(whole) : Encoding.GetString([.. TextBefore, .. whole]);
    }
}
