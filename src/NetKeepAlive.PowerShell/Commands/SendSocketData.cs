using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Text;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Send-SocketData: sends each object of the pipeline as one message as it arrives, an array as a batch, a
/// received message back to where it came from, and files.</summary>
[Cmdlet(VerbsCommunications.Send, "SocketData", DefaultParameterSetName = InputObjectSet)]
[OutputType(typeof(object))]
public sealed partial class SendSocketData : WaitingCmdlet
{
    private const string InputObjectSet = "InputObject";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private NetSocket? _socket;
    private UnixAddress? _to;
    private bool _failed;

    /// <summary>What to send with; a received message without it goes back to where it came from.</summary>
    [Parameter(Position = 0)]
    [RequireValue]
    public object? Socket { get; set; }

    /// <summary>What to send: text, bytes, one byte, a message.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>The path to send to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? To { get; set; }

    /// <summary>The name to send to in Linux's abstract namespace.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AbstractNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ToAbstractName { get; set; }

    /// <summary>Files to send; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files to send, by their names as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>How text becomes bytes.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The first of the bytes to send.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0L, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>How many of the bytes to send; all that follow when left out.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0L, long.MaxValue)]
    public long Count { get; set; } = -1;

    /// <summary>Hands the input on.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (To is not null && ToAbstractName is not null)
        {
            ThrowTerminatingError(Errors.ErrorRecords.From(
                new ArgumentException("-To and -ToAbstractName exclude each other: a message has one receiver."), null));
        }

        _failed = !Attempt(To ?? ToAbstractName ?? Socket, () =>
        {
            _to = UnixPaths.From(this, To, ToAbstractName);
            _socket = Socket is null ? null : SocketWrapper.ToSocket(Unwrap(Socket));
        });
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // What is wrong with the socket or the address was said once.
        if (_failed)
        {
            return;
        }

        if (ParameterSetName is PathSet or LiteralPathSet)
        {
            SendFiles();
            return;
        }

        object? input = Unwrap(InputObject);
        if (input is byte one && Gathers)
        {
            Gather(one);
            return;
        }

        // Bytes are one message, in whatever they come; all other lists are messages each.
        EndGathering();
        bool sent = input is FileInfo file ? Attempt(file, () => SendFile(file.FullName))
            : input is IList many and not IEnumerable<byte>
            ? SendMany(many)
            : Attempt(InputObject, () => SendOne(input));
        if (sent && PassThru)
        {
            WriteObject(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => EndGathering();

    private void SendOne(object? input)
    {
        ReadOnlyMemory<byte> data = Cut(ToBytes(input));
        (NetSocket socket, UnixAddress? to) = Destination(input);
        socket.Send(data.Span, to, new WaitLoop(Timeout, Readiness));
    }

    private bool SendMany(IList items)
    {
        List<ReadOnlyMemory<byte>> messages = new(items.Count);
        List<object?> sources = new(items.Count);
        object? item = null;

        // Received messages without a socket go back each to where it came from.
        Action take = _socket is null
            ? () => SendOne(Unwrap(item))
            : () =>
            {
                messages.Add(Cut(ToBytes(Unwrap(item))));
                sources.Add(item);
            };
        bool all = true;
        foreach (object? next in items)
        {
            item = next;
            all &= Attempt(item, take);
        }

        return Attempt(InputObject, () => all &= messages.Count == 0 || SendBatch(messages, sources)) && all;
    }

    // A message that is refused for its length is an error of its own, and the rest goes on; a socket that fails takes
    // the rest of the batch with it.
    private bool SendBatch(List<ReadOnlyMemory<byte>> messages, List<object?> sources)
    {
        WaitLoop waiting = new(Timeout, Readiness);
        bool all = true;
        int sent = 0;
        long before = 0;
        long length = messages.Sum(static it => (long)it.Length);
        while (sent < messages.Count)
        {
            try
            {
                if (_socket is MessageSocket batching)
                {
                    batching.SendBatch(CollectionsMarshal.AsSpan(messages), _to, waiting, ref sent);
                }
                else
                {
                    ReadOnlySpan<byte> message = messages[sent].Span;
                    _socket!.Send(
                        message, _to, waiting, before: before, after: length - before - message.Length);
                    before += message.Length;
                    sent++;
                }
            }
            catch (NativeSocketException refused) when (refused.Errno == Errno.EMSGSIZE.Name)
            {
                WriteError(Errors.ErrorRecords.From(refused, sources[sent]));
                sent++;
                all = false;
            }
        }

        return all;
    }

    private (NetSocket Socket, UnixAddress? To) Destination(object? input)
    {
        if (_socket is not null)
        {
            return (_socket, _to);
        }

        if (input is not SocketMessage { Socket: { } origin } message)
        {
            throw new ArgumentException(
                "Name the socket to send with: -Socket. Only a received message knows where to go back to.");
        }

        // A connected socket knows its peer; else the answer goes to the sender, who must have a name.
        UnixAddress? to = _to ?? (origin.Remote is { Unix: not null } or { Ip: not null } ? null : message.Remote);
        if (to is null && origin is UnixDatagramSocket { IsConnected: false })
        {
            throw new NativeSocketException(
                "send", Errno.EDESTADDRREQ, "the sender of the message",
                "It has no name, so nothing can be sent back: bind it to a path, or name one with -To.");
        }

        return (origin, to);
    }

    private ReadOnlyMemory<byte> ToBytes(object? input) => input switch
    {
        string text => Encode(text),
        byte[] bytes => bytes,
        byte one => new[] { one },
        ReadOnlyMemory<byte> memory => memory,
        Memory<byte> memory => memory,
        ArraySegment<byte> segment => segment,
        SocketMessage message => message.Data,
        char or bool or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal =>
            Encode(Convert.ToString(input, CultureInfo.InvariantCulture)!),
        IEnumerable<byte> many => new List<byte>(many).ToArray(),
        _ => throw new ArgumentException(
            $"{input?.GetType().FullName ?? "null"} cannot be sent. Accepted are text, byte[], byte, ReadOnlyMemory<byte> and "
            + "SocketMessage; make text of other objects first, with ConvertTo-Json or Out-String."),
    };

    private byte[] Encode(string text)
    {
        try
        {
            return Encoding.GetBytes(text);
        }
        catch (FormatException unfit)
        {
            throw new ArgumentException($"The text is not of -Encoding {Encoding.EncodingName}: {unfit.Message}", unfit);
        }
    }

    private ArgumentException OutOfRange(long length) => new(
        $"-Offset {Offset}{(Count < 0 ? " does" : $" and -Count {Count} do")} not fit {length} bytes: the accepted range "
        + $"is 0 to {length} for -Offset, and what is left after it for -Count.");

    private ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> data)
    {
        if (Offset == 0 && Count < 0)
        {
            return data;
        }

        if (Offset > data.Length || (Count >= 0 && Count > data.Length - Offset))
        {
            throw OutOfRange(data.Length);
        }

        return Count < 0 ? data[(int)Offset..] : data.Slice((int)Offset, (int)Count);
    }
}
