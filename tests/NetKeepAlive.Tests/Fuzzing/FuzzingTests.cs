using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Fuzzing;

/// <summary>Each parser under a stream of damaged input: it answers or refuses, and never reads beyond.</summary>
public sealed class FuzzingTests
{
    private static readonly Abi[] Both = [Abi.Of(Platform.Linux), Abi.Of(Platform.Darwin)];

    private static readonly Delimiter[] Delimiters =
    [
        Delimiter.Line(Encoding.UTF8), Delimiter.Line(Encoding.Unicode), Delimiter.Text("END", Encoding.UTF8),
        Delimiter.Text("aa", Encoding.UTF8), Delimiter.Bytes([13, 10, 13, 10]),
    ];

    [Fact]
    public void Control_messages() => Mutator.Run("control", static input =>
    {
        foreach (Abi abi in Both)
        {
            ControlReader reader = new(input, abi.Cmsg);
            for (int i = 0; reader.MoveNext(); i++)
            {
                Assert.True(i <= input.Length / abi.Cmsg.Header);
                Assert.True(reader.Data.Length <= input.Length);
            }
        }
    });

    [Fact]
    public void Netlink_messages() => Mutator.Run("netlink", static input =>
    {
        // The sequence that the corpus has.
        List<DiagRecord> rows = [];
        _ = new DiagAnswer(77).Read(input, rows);
        foreach (DiagRecord row in rows)
        {
            TcpConnection connection = new(row);
            Assert.NotNull($"{connection} {connection.LocalAddress} {connection.State} {connection.Timer}");
            Assert.NotNull(new TcpInfo(row.Info).ToString());
        }

        List<UnixRecord> sockets = [];
        _ = new DiagAnswer(77).Read(input, sockets);
        Assert.True(sockets.Count <= input.Length / NetlinkAbi.UnixRecordSize);
    });

    [Fact]
    public void Socket_addresses() => Mutator.Run("sockaddr", static input =>
    {
        byte[] bytes = input[..Math.Min(input.Length, SockAddr.MaximumSize)];
        foreach (Abi abi in Both)
        {
            IPEndPoint? ip = SockAddr.DecodeIp(bytes, abi);
            UnixAddress? unix = UnixAddress.Decode(bytes, abi);
            Assert.False(ip is not null && unix is not null);
            Assert.NotNull($"{ip}{unix}");
        }

        Assert.NotNull($"{SocketName.Decode(bytes)}");
    });

    [Fact]
    public void Addresses_as_text() => Mutator.Run("addresses", static input =>
    {
        string text = Encoding.UTF8.GetString(input);
        Assert.True(!IPLiteral.TryParse(text, out IPAddress address) || IPLiteral.VersionOf(text) is 4 or 6);
        Assert.NotNull(HostAndPort.Split(text).Host);
        Refuses(() => _ = AddressPrefix.Parse(text));
        Refuses(() => _ = AddressPattern.Parse(text));
        Refuses(() => _ = PortRange.Parse(text));
        Refuses(() => _ = TcpStateWords.Parse(text));
        Refuses(() => _ = SocketBlockList.Rule.ParseSubnet(text));
        Refuses(() => _ = SocketBlockList.Rule.ParseRange(text));
    });

    [Fact]
    public void Lines_and_delimiters() => Mutator.Run("lines", static input =>
    {
        if (input.Length < 3)
        {
            return;
        }

        // The first bytes say how it is cut.
        Delimiter delimiter = Delimiters[input[0] % Delimiters.Length];
        ReceiveRequest request = input[1] % 4 == 0
            ? new() { ByteCount = 1 + (input[1] % 9) }
            : new() { Delimiter = delimiter, MaximumLength = input[1] % 40 };
        byte[] stream = input[3..];
        Assert.Equal(Take(request, stream, stream.Length + 1), Take(request, stream, 1 + (input[2] % 11)));
    });

    [Fact]
    public void Durations() => Mutator.Run("durations", static input =>
    {
        if (Duration.TryParse(Encoding.UTF8.GetString(input), out TimeSpan time))
        {
            Assert.NotEmpty(Duration.Format(time));
            Assert.NotEmpty(Duration.FormatSeconds(time));
        }
    });

    [Fact]
    public void Options() => Mutator.Run("options", static input =>
    {
        Assert.NotNull(Decode(OptionCodecs.Flag, input).ToString());
        Assert.NotNull(Decode(OptionCodecs.Integer, input).ToString());
        Assert.NotNull(Duration.Format(Decode(OptionCodecs.Seconds, input)));
        Assert.NotNull(Duration.Format(Decode(OptionCodecs.Milliseconds, input)));
        Assert.NotNull(Duration.Format(Decode(OptionCodecs.Microseconds, input)));
        Assert.NotNull(Duration.Format(Decode(OptionCodecs.Linger, input)));
        Assert.NotNull(Duration.Format(Decode(OptionCodecs.Timeval, input)));
        Assert.NotNull(OptionCodecs.Text.Decode(input));
        Assert.NotNull(Decode(OptionCodecs.Credential, input).ToString());
    });

    // A refusal is an ArgumentException or a FormatException, with words.
    private static void Refuses(Action parse)
    {
        try
        {
            parse();
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException)
        {
            Assert.NotEmpty(refused.Message);
        }
    }

    // The kernel writes so many bytes at the least.
    private static T Decode<T>(OptionCodec<T> codec, byte[] input)
    {
        byte[] bytes = new byte[Math.Max(codec.Size, input.Length)];
        input.CopyTo(bytes, 0);
        return codec.Decode(bytes);
    }

    private static List<string> Take(ReceiveRequest request, byte[] stream, int cut)
    {
        List<string> messages = [];
        StreamBuffer buffer = new();
        byte[][] pieces = [.. stream.Chunk(cut), []];
        for (int i = 0; i < pieces.Length; i++)
        {
            pieces[i].CopyTo(buffer.Room(pieces[i].Length));
            buffer.Add(pieces[i].Length);
            while (buffer.TryTake(request, isEnd: i == pieces.Length - 1, out StreamPiece piece))
            {
                messages.Add(piece.IsTooLong ? "too long" : Convert.ToHexString(piece.Data));
                if (piece.IsTooLong)
                {
                    return messages;
                }
            }
        }

        return messages;
    }
}
