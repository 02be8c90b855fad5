using System;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Waiting;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class StreamFramingTests : IDisposable
{
    private static readonly ReceiveRequest Line = new() { Delimiter = Delimiter.Line(Encoding.UTF8) };
    private readonly NetSocket _peer;
    private readonly StreamSocket _socket;

    public StreamFramingTests()
    {
        (NetSocket first, NetSocket second) = UnixSockets.CreatePair(SocketType.Stream);
        _peer = first;
        _socket = (StreamSocket)second;
    }

    public void Dispose()
    {
        _peer.Dispose();
        _socket.Dispose();
    }

    [Fact]
    public void Lines_come_one_by_one_without_their_ends()
    {
        Send("one\ntwo\r\n\nlast");
        Assert.Equal("one", Take(Line)!.Text);
        SocketMessage two = Take(Line)!;
        Assert.Equal("two", two.Text);
        Assert.Equal(3, two.Length);
        Assert.False(two.Truncated);
        Assert.Equal(string.Empty, Take(Line)!.Text);
        Assert.Equal(ReceiveStatus.Nothing, _socket.TryReceive(Line, out _));
        _peer.Shutdown(SocketShutdown.Send);
        Assert.Equal("last", Take(Line)!.Text);
        Assert.Equal(ReceiveStatus.End, _socket.TryReceive(Line, out _));
        Assert.Equal(ReceiveStatus.End, _socket.TryReceive(Line, out _));
        Assert.Equal(14, _socket.BytesReceived);
    }

    [Fact]
    public void A_part_of_a_line_waits_for_the_rest_and_is_not_lost()
    {
        Send("par");
        Assert.Equal(ReceiveStatus.Nothing, _socket.TryReceive(Line, out _));
        Assert.Equal(3, _socket.BytesReceived);
        Assert.Throws<TimeoutException>(() => Receive(Line, 50));
        Send("t\n");
        Assert.Equal("part", Receive(Line, 10_000)!.Text);
        Assert.Equal(5, _socket.BytesReceived);
    }

    [Fact]
    public void What_a_line_left_over_is_the_next_chunk()
    {
        Send("line\nrest");
        Assert.Equal("line", Take(Line)!.Text);
        Assert.Equal("rest", Take(ReceiveRequest.Default)!.Text);
    }

    [Fact]
    public void An_exact_count_waits_for_its_last_byte()
    {
        ReceiveRequest five = new() { ByteCount = 5 };
        Send("abcdefg");
        Assert.Equal("abcde", Take(five)!.Text);
        Assert.Equal(ReceiveStatus.Nothing, _socket.TryReceive(five, out _));
        Send("hij");
        Assert.Equal("fghij", Take(five)!.Text);
    }

    [Fact]
    public void An_end_before_the_last_byte_is_said()
    {
        Send("abc");
        _peer.Shutdown(SocketShutdown.Send);
        SocketMessage cut = Take(new ReceiveRequest { ByteCount = 5 })!;
        Assert.Equal("abc", cut.Text);
        Assert.True(cut.Truncated);
        Assert.Equal(5, cut.FullLength);
        Assert.Equal(ReceiveStatus.End, _socket.TryReceive(new ReceiveRequest { ByteCount = 5 }, out _));
    }

    [Fact]
    public void A_line_longer_than_the_limit_is_an_error_and_loses_nothing()
    {
        ReceiveRequest limited = Line with { MaximumLength = 4 };
        Send("four\r\nfives");
        Assert.Equal("four", Take(limited)!.Text);
        Assert.Equal(ReceiveStatus.Nothing, _socket.TryReceive(limited, out _));
        Send("!\n");
        for (int i = 0; i < 3; i++)
        {
            LineTooLongException error = Assert.Throws<LineTooLongException>(() => _socket.TryReceive(limited, out _));
            Assert.Equal(4, error.MaximumLength);
        }

        Assert.Equal("fives!", Take(Line)!.Text);
    }

    [Fact]
    public async Task A_line_without_end_takes_a_mebibyte_at_the_most()
    {
        Task sending = Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    _peer.Send(new byte[65536], TimeSpan.FromSeconds(30));
                }
            }
            catch (Exception stopped) when (stopped is TimeoutException or SocketException or ObjectDisposedException)
            {
                // Nobody reads any more.
            }
        });
        Assert.Throws<LineTooLongException>(() => Receive(Line, 30_000));
        Assert.InRange(_socket.BytesReceived, 1 << 20, (1 << 20) + StreamSocket.ChunkSize);
        _socket.Dispose();
        await sending;
    }

    [Fact]
    public void A_character_over_two_chunks_is_whole_in_the_second()
    {
        byte[] euro = Encoding.UTF8.GetBytes("a€b");
        _peer.Send(euro.AsSpan(0, 2));
        SocketMessage first = Take(ReceiveRequest.Default)!;
        Assert.Equal("a", first.Text);
        Assert.Equal(2, first.Length);
        _peer.Send(euro.AsSpan(2));
        Assert.Equal("€b", Take(ReceiveRequest.Default)!.Text);
    }

    // The second byte of U+30DD is that of | in Shift JIS and of others in the other code pages, and U+1F600 has four.
    [Theory]
    [InlineData(932, "a\u30DD|\u30DC|b", '|')]
    [InlineData(936, "a\u4E42|\u4E0C|b", '|')]
    [InlineData(950, "a\u4E00@\u4E00\u4E59@b", '@')]
    [InlineData(51932, "a\u30DD|\u30DC|b", '|')]
    [InlineData(54936, "a\U0001F6006\u4E02\U0001F60066b", '6')]
    public void Characters_of_code_pages_stay_whole_in_chunks_and_hide_no_delimiter(int codePage, string text, char end)
    {
        Encoding encoding = CodePagesEncodingProvider.Instance.GetEncoding(codePage)!;
        byte[] bytes = encoding.GetBytes(text);
        Assert.Equal(text, encoding.GetString(bytes));

        string chunks = string.Empty;
        foreach (byte one in bytes)
        {
            _peer.Send([one]);
            chunks += Take(new ReceiveRequest { Encoding = encoding })!.Text;
        }

        Assert.Equal(text, chunks);

        ReceiveRequest parts = new() { Encoding = encoding, Delimiter = Delimiter.Text(end.ToString(), encoding) };
        System.Collections.Generic.List<string> got = [];
        foreach (byte one in (byte[])[.. bytes, .. encoding.GetBytes(end.ToString())])
        {
            _peer.Send([one]);
            while (_socket.TryReceive(parts, out SocketMessage? message) is ReceiveStatus.Message)
            {
                got.Add(message!.Text);
            }
        }

        Assert.Equal(text.Split(end), got);
    }

    [Fact]
    public void Lines_of_wide_characters_end_at_wide_line_feeds()
    {
        // U+0A0A has two bytes that look like line feeds, and U+0100 U+000A one in the middle.
        const string Text = "\u0A0A\u0100";
        _peer.Send(Encoding.Unicode.GetBytes(Text + "\r\nb\n"));
        ReceiveRequest wide = new() { Delimiter = Delimiter.Line(Encoding.Unicode), Encoding = Encoding.Unicode };
        Assert.Equal(Text, Take(wide)!.Text);
        Assert.Equal("b", Take(wide)!.Text);
    }

    [Fact]
    public void What_was_given_back_is_in_front_of_the_rest()
    {
        Send("ab");
        SocketMessage first = Take(ReceiveRequest.Default)!;
        Send("cd\nef");
        SocketMessage second = Take(ReceiveRequest.Default)!;
        _socket.PutBack([first, second]);
        Assert.Equal("abcd", Take(Line)!.Text);
        Assert.Equal("ef", Take(ReceiveRequest.Default)!.Text);
    }

    [Fact]
    public async Task Many_lines_in_pieces_of_any_size_come_out_as_they_went_in()
    {
        string[] lines = Enumerable.Range(0, 3000).Select(i => new string((char)('a' + (i % 26)), i * 7 % 900)).ToArray();
        byte[] all = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        Task sending = Task.Run(() =>
        {
            Random random = new(1);
            for (int at = 0; at < all.Length;)
            {
                int length = Math.Min(random.Next(1, 5000), all.Length - at);
                _peer.Send(all.AsSpan(at, length));
                at += length;
            }
        });
        foreach (string line in lines)
        {
            Assert.Equal(line, Receive(Line, 30_000)!.Text);
        }

        await sending;
    }

    private void Send(string text) => _peer.Send(Encoding.UTF8.GetBytes(text));

    private SocketMessage? Take(ReceiveRequest request)
    {
        Assert.Equal(ReceiveStatus.Message, _socket.TryReceive(request, out SocketMessage? message));
        return message;
    }

    private SocketMessage? Receive(ReceiveRequest request, int milliseconds)
    {
        Deadline deadline = Deadline.After(TimeSpan.FromMilliseconds(milliseconds));
        using Readiness readiness = new(default);
        while (true)
        {
            ReceiveStatus status = _socket.TryReceive(request, out SocketMessage? message);
            if (status is not ReceiveStatus.Nothing)
            {
                return message;
            }

            if (!readiness.Wait(_socket, WaitDirection.Receive, deadline))
            {
                throw new TimeoutException();
            }
        }
    }
}
