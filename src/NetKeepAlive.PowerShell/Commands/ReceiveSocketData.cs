using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;
using NetKeepAlive.Interop;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Sockets;
using StreamDelimiter = NetKeepAlive.Sockets.Streams.Delimiter;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Receive-SocketData: receives messages, or chunks of a stream.</summary>
[Cmdlet(VerbsCommunications.Receive, "SocketData", DefaultParameterSetName = CountSet)]
[OutputType(typeof(SocketMessage))]
public sealed class ReceiveSocketData : SocketReceivingCmdlet
{
    private const string CountSet = "Count";
    private const string ToEndSet = "ToEnd";
    private const int BatchSize = 32;

    private readonly Queue<SocketMessage> _received = [];
    private readonly HashSet<NetSocket> _cut = [];
    private MessageBatch? _batch;
    private ReceiveRequest _request = ReceiveRequest.Default;
    private int _batchSize = 1;
    private long _left;

    /// <summary>How many messages to receive in all.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Receive until every socket has ended.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToEndSet)]
    public SwitchParameter ToEnd { get; set; }

    /// <summary>The longest message wanted; a longer one is cut and says so.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumLength { get; set; }

    /// <summary>Streams: whole lines, without their ends.</summary>
    [Parameter]
    public SwitchParameter Line { get; set; }

    /// <summary>Streams: what ends a message, as text or bytes; it is no part of the message.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Delimiter { get; set; }

    /// <summary>Streams: exactly so many bytes in each message; fewer come only with the end.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ByteCount { get; set; }

    /// <summary>How the bytes become text.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = Encoding.UTF8;

    private protected override bool IsDone => _left <= 0;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _left = ToEnd ? long.MaxValue : Count;
        _request = new ReceiveRequest
        {
            MaximumLength = MaximumLength > 0 ? MaximumLength : null,
            Encoding = Encoding,
            Delimiter = Line ? StreamDelimiter.Line(Encoding) : ReadDelimiter(),
            ByteCount = ByteCount > 0 ? ByteCount : null,
        };
        if ((Line ? 1 : 0) + (Delimiter is null ? 0 : 1) + (ByteCount > 0 ? 1 : 0) > 1)
        {
            Refuse("-Line, -Delimiter and -ByteCount exclude one another: a message is a line, ends somewhere, or has a "
                + "length.");
        }

        if (MaximumLength > 0 && ByteCount > MaximumLength)
        {
            Refuse($"-ByteCount {ByteCount} is more than -MaximumLength {MaximumLength} allows: the accepted range is 1 "
                + $"to {MaximumLength}.");
        }
    }

    private StreamDelimiter? ReadDelimiter()
    {
        try
        {
            return Wrapping.Unwrap(Delimiter) switch
            {
                null => null,
                string text => StreamDelimiter.Text(text, Encoding),
                char one => StreamDelimiter.Text(one.ToString(), Encoding),
                _ when LanguagePrimitives.TryConvertTo(Delimiter, out byte[] bytes) => StreamDelimiter.Bytes(bytes),
                _ => throw new ArgumentException("It is text or bytes."),
            };
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            Refuse($"-Delimiter: {wrong.Message} Accepted are text and bytes, at least one.");
            return null;
        }
    }

    private void Refuse(string reason) =>
        ThrowTerminatingError(Errors.ErrorRecords.From(new ArgumentException(reason), null));

    private protected override ReceiveStatus Receive(NetSocket socket)
    {
        ScarceHandles.Reclaim();
        ReceiveStatus status;
        if (_request is not { Delimiter: null, ByteCount: null } && socket is not StreamSocket)
        {
            throw new ArgumentException(
                "-Line, -Delimiter and -ByteCount are for streams: a message socket keeps the boundaries of its messages.");
        }

        if (_left > 1 && socket is MessageSocket batching)
        {
            _batch ??= MessageBatch.WithParts(BatchSize);
            int maximum = SourceCount == 1 ? (int)Math.Min(_left, _batchSize) : 1;
            status = batching.TryReceive(_batch, maximum, _request, _received);

            // Messages with descriptors come one by one: a batch of them would fill the table of descriptors.
            _batchSize = _received.Any(static it => it.HasHandles) ? 1 : Math.Min(_batchSize * 2, BatchSize);
        }
        else
        {
            status = socket.TryReceive(_request, out SocketMessage? message);
            if (status is ReceiveStatus.Message)
            {
                _received.Enqueue(message!);
            }
        }

        // Before what the end cut is handed on: the pipeline may stop with it.
        if (socket is StreamSocket { EndedWithoutCloseNotify: true } && _cut.Add(socket))
        {
            WriteWarning(
                $"{socket}: the TLS connection ended without close_notify. What came may be only a part of what was "
                + "sent.");
        }

        HandOn(socket);
        return status;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _batch?.Dispose();
        }

        base.Dispose(disposing);
    }

    // What a pipeline that stops in the middle did not take goes back to the socket, for the next receive.
    private void HandOn(NetSocket socket)
    {
        try
        {
            while (_received.Count > 0)
            {
                ThrowIfStopping();
                SocketMessage message = _received.Dequeue();
                _left--;
                if (message.HandlesLost)
                {
                    WriteError(Errors.ErrorRecords.From(
                        new NativeSocketException(
                            "recvmsg", Errno.EMFILE, socket.ToString(),
                            "Descriptors came with the message that this process had no room for."),
                        message));
                }

                ScarceHandles.Count(message);
                WriteObject(message);
            }
        }
        finally
        {
            if (_received.Count > 0)
            {
                socket.PutBack(_received);
                _received.Clear();
            }
        }
    }
}
