using System;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>What goes through the stream of a socket is traffic of that socket.</summary>
public sealed class StreamTrafficTests : IDisposable
{
    private static readonly byte[] Two = [1, 2];
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly TcpPair _pair = new();

    public static TheoryData<bool, string> Ways()
    {
        TheoryData<bool, string> ways = [];
        foreach (bool isTls in (bool[])[false, true])
        {
            foreach (string way in (string[])["array", "span", "byte", "async array", "async memory", "begin"])
            {
                ways.Add(isTls, way);
            }
        }

        return ways;
    }

    public void Dispose()
    {
        _pair.Dispose();
        _certificate.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Each_byte_counts_once(bool isTls, string way)
    {
        await ProtectAsync(isTls);
        Stream stream = _pair.Server.GetStream();
        for (int count = 2; count <= 6; count += 2)
        {
            await WriteTwoAsync(stream, way);
            byte[] got = new byte[2];
            await _pair.Client.GetStream().ReadExactlyAsync(got);
            Assert.Equal(Two, got);
            await _pair.Client.GetStream().WriteAsync(got);
            Assert.Equal(Two, await ReadTwoAsync(stream, way));
            Assert.Equal((count, count), (_pair.Server.BytesSent, _pair.Server.BytesReceived));
            Assert.Equal((count, count), (_pair.Client.BytesSent, _pair.Client.BytesReceived));
        }
    }

    // As .NET's own does: a large write is no crowd of small ones.
    [Fact]
    public async Task Of_two_writes_at_once_each_goes_whole()
    {
        const int Length = 4 << 20;
        Stream stream = _pair.Server.GetStream();
        byte[] ones = new byte[Length];
        byte[] twos = new byte[Length];
        Array.Fill(ones, (byte)1);
        Array.Fill(twos, (byte)2);
        Task first = stream.WriteAsync(ones).AsTask();
        Task second = Task.Run(() => _pair.Server.GetStream().Write(twos));
        byte[] got = new byte[2 * Length];
        await _pair.Client.GetStream().ReadExactlyAsync(got).AsTask().WaitAsync(TcpPair.Limit);
        await Task.WhenAll(first, second);
        Assert.Equal(-1, got.AsSpan(0, Length).IndexOfAnyExcept(got[0]));
        Assert.Equal(-1, got.AsSpan(Length).IndexOfAnyExcept((byte)(3 - got[0])));
    }

    // A slow reader is none that is silent.
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_long_write_counts_while_it_lasts(bool isTls, bool isAsync)
    {
        await ProtectAsync(isTls);
        _pair.Server.Socket.SendBufferSize = 1 << 16;
        _pair.Client.Socket.ReceiveBufferSize = 1 << 16;
        Stream stream = _pair.Server.GetStream();
        byte[] much = new byte[16 << 20];
        new Random(1).NextBytes(much);
        Task writing = isAsync ? stream.WriteAsync(much).AsTask() : Task.Run(() => stream.Write(much));
        Eventually.Is(() => _pair.Server.BytesSent > 0, "bytes of a write to be counted");
        Assert.False(writing.IsCompleted);
        byte[] got = new byte[much.Length];
        await _pair.Client.GetStream().ReadExactlyAsync(got).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        await writing.WaitAsync(TcpPair.Limit);
        Assert.True(got.AsSpan().SequenceEqual(much));
        Assert.Equal(much.Length, _pair.Server.BytesSent);
        Assert.Equal(much.Length, _pair.Client.BytesReceived);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_a_silence(bool isTls)
    {
        await ProtectAsync(isTls);
        using System.Threading.SemaphoreSlim silent = new(0);
        _pair.Server.IdleTimeout += (_, _) => silent.Release();
        _pair.Server.IdleLimit = TimeSpan.FromMilliseconds(20);

        // It is told again only after traffic.
        Assert.True(await silent.WaitAsync(TcpPair.Limit));
        _pair.Server.GetStream().Write(Two);
        Assert.True(await silent.WaitAsync(TcpPair.Limit));
        _pair.Client.Send(Two);
        await _pair.Server.GetStream().ReadExactlyAsync(new byte[2]);
        Assert.True(await silent.WaitAsync(TcpPair.Limit));
    }

    private static async Task WriteTwoAsync(Stream stream, string way)
    {
        switch (way)
        {
            case "array":
                stream.Write(Two, 0, 2);
                break;
            case "span":
                stream.Write(Two.AsSpan());
                break;
            case "byte":
                stream.WriteByte(Two[0]);
                stream.WriteByte(Two[1]);
                break;
            case "async array":
                await stream.WriteAsync(Two, 0, 2, default);
                break;
            case "async memory":
                await stream.WriteAsync(Two.AsMemory());
                break;
            default:
                await Task.Factory.FromAsync(stream.BeginWrite, stream.EndWrite, Two, 0, 2, null);
                break;
        }
    }

    private static async Task<byte[]> ReadTwoAsync(Stream stream, string way)
    {
        byte[] two = new byte[2];
        for (int got = 0; got < 2;)
        {
            switch (way)
            {
                case "array":
                    got += stream.Read(two, got, 2 - got);
                    break;
                case "span":
                    got += stream.Read(two.AsSpan(got));
                    break;
                case "byte":
                    two[got++] = (byte)stream.ReadByte();
                    break;
                case "async array":
                    got += await stream.ReadAsync(two, got, 2 - got, default);
                    break;
                case "async memory":
                    got += await stream.ReadAsync(two.AsMemory(got));
                    break;
                default:
                    got += await Task<int>.Factory.FromAsync(stream.BeginRead, stream.EndRead, two, got, 2 - got, null);
                    break;
            }
        }

        return two;
    }

    private async Task ProtectAsync(bool isTls)
    {
        if (isTls)
        {
            Task server = Task.Run(
                () => _pair.Server.Protect(new TlsOptions { ServerCertificate = _certificate }, TcpPair.Limit));
            _pair.Client.Protect(new TlsOptions { SkipCertificateCheck = true, TargetHost = "localhost" }, TcpPair.Limit);
            await server;
        }
    }
}
