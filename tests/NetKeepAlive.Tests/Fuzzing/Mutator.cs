using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace NetKeepAlive.Tests.Fuzzing;

/// <summary>
/// Feeds a parser with damaged input: what the corpus has, with bytes changed, left out, put in, and pieces of two joined.
/// Briefly in the suite; NETKEEPALIVE_FUZZ_SECONDS says for how long by hand. What made it fail is in the message, to be added
/// to the corpus (Fuzzing/Corpus/NAME.txt: a line each, as hexadecimal digits after "hex ", else as text).
/// </summary>
internal sealed class Mutator
{
    private const int Longest = 600;

    private static readonly TimeSpan? Time = double.TryParse(
        Environment.GetEnvironmentVariable("NETKEEPALIVE_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds)
        ? TimeSpan.FromSeconds(seconds)
        : null;

    // Numbers that lengths, counts and offsets go wrong at.
    private static readonly byte[][] Special =
    [
        [0], [1], [0x7F], [0x80], [0xFF], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [16, 0, 0, 0],
        [0, 0, 0, 0x80], "-1"u8.ToArray(), "999999999999999999999"u8.ToArray(), ":"u8.ToArray(), "."u8.ToArray(),
        "%"u8.ToArray(), "/"u8.ToArray(), "*"u8.ToArray(), "[]"u8.ToArray(), "\r\n"u8.ToArray(), " "u8.ToArray(),
        "::"u8.ToArray(), "\uFFFD"u8.ToArray(), "d"u8.ToArray(), "ms"u8.ToArray(),
    ];

    private readonly Random _random;
    private readonly List<byte[]> _inputs;

    private Mutator(string corpus, int seed)
    {
        _random = new Random(seed);
        _inputs = [.. File.ReadLines(Path.Combine(Folder(), corpus + ".txt")).Select(Read)];
    }

    /// <summary>Calls the parser with each line of a corpus, and with what is made of them.</summary>
    internal static void Run(string corpus, Action<byte[]> parse)
    {
        int seed = Time is null ? 20 : Environment.TickCount;
        Mutator mutator = new(corpus, seed);
        Stopwatch clock = Stopwatch.StartNew();
        int rounds = 0;
        foreach (byte[] input in mutator._inputs.ToArray())
        {
            Try(parse, input);
        }

        for (; Time is { } time ? clock.Elapsed < time : rounds < 20_000; rounds++)
        {
            Try(parse, mutator.Next());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{corpus}: {rounds} inputs in {clock.Elapsed.TotalSeconds:0} s, seed {seed}");
    }

    private static void Try(Action<byte[]> parse, byte[] input)
    {
        try
        {
            parse(input);
        }
        catch (Exception failed)
        {
            throw new InvalidOperationException(
                $"hex {Convert.ToHexString(input)} ('{Encoding.UTF8.GetString(input)}'): {failed.Message}", failed);
        }
    }

    private byte[] Next()
    {
        byte[] input = [.. _inputs[_random.Next(_inputs.Count)]];
        int changes = _random.Next(1, 6);
        for (int i = 0; i < changes; i++)
        {
            input = Change(input);
        }

        // Now and then what was made becomes something to make more of.
        if (_inputs.Count < 5000 && _random.Next(50) == 0)
        {
            _inputs.Add(input);
        }

        return input.Length <= Longest ? input : input[..Longest];
    }

    private byte[] Change(byte[] input)
    {
        int at = _random.Next(input.Length + 1);
        int end = Math.Min(input.Length, at + _random.Next(9));
        byte[] special = Special[_random.Next(Special.Length)];
        byte[] other = _inputs[_random.Next(_inputs.Count)];
        switch (_random.Next(6))
        {
            case 0 when at < input.Length:
                input[at] ^= (byte)(1 << _random.Next(8));
                return input;
            case 1:
                return [.. input[..at], .. input[end..]];
            case 2:
                return [.. input[..at], .. special, .. input[at..]];
            case 3:
                return [.. input[..at], .. special, .. input[Math.Min(input.Length, at + special.Length)..]];
            case 4:
                return [.. input[..at], .. input[at..end], .. input[at..end], .. input[end..]];
            default:
                return [.. input[..at], .. other[_random.Next(other.Length + 1)..]];
        }
    }

    private static byte[] Read(string line) => line.StartsWith("hex ", StringComparison.Ordinal)
        ? Convert.FromHexString(line.AsSpan(4))
        : Encoding.UTF8.GetBytes(line);

    private static string Folder() => Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Corpus");
}
