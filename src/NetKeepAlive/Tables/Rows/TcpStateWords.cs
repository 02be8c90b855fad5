using System;
using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tables;

/// <summary>The states of TCP as ss(8), netstat(8), RFC 9293 and Windows write them.</summary>
internal static class TcpStateWords
{
    private static readonly TcpConnectionState[] All =
        Enum.GetValues<TcpConnectionState>().Except([TcpConnectionState.Unknown]).ToArray();

    // Without case and what stands between the words. ss knows groups of states, too.
    private static readonly Dictionary<string, TcpConnectionState[]> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["estab"] = [TcpConnectionState.Established],
        ["listening"] = [TcpConnectionState.Listen],
        ["synrecv"] = [TcpConnectionState.SynReceived],
        ["synrcvd"] = [TcpConnectionState.SynReceived],
        ["finwait"] = [TcpConnectionState.FinWait1, TcpConnectionState.FinWait2],
        ["close"] = [TcpConnectionState.Closed],
        ["unconn"] = [TcpConnectionState.Closed],
        ["unconnected"] = [TcpConnectionState.Closed],
        ["bound"] = [TcpConnectionState.Closed],
        ["boundinactive"] = [TcpConnectionState.Closed],
        ["all"] = All,
        ["connected"] = All.Except([TcpConnectionState.Listen, TcpConnectionState.Closed]).ToArray(),
        ["synchronized"] = All.Except(
            [TcpConnectionState.Listen, TcpConnectionState.Closed, TcpConnectionState.SynSent]).ToArray(),
        ["bucket"] = [TcpConnectionState.SynReceived, TcpConnectionState.TimeWait],
        ["big"] = All.Except([TcpConnectionState.SynReceived, TcpConnectionState.TimeWait]).ToArray(),
    };

    /// <summary>The states that a word means: <c>Established</c>, <c>ESTAB</c>, <c>FIN_WAIT2</c>,
    /// <c>connected</c>.</summary>
    /// <exception cref="FormatException">It means none.</exception>
    internal static IReadOnlyList<TcpConnectionState> Parse(string word)
    {
        string bare = string.Concat(word.Where(char.IsLetterOrDigit));
        return Words.TryGetValue(bare, out TcpConnectionState[]? states) ? states
            : Enum.TryParse(bare, ignoreCase: true, out TcpConnectionState state) && Enum.IsDefined(state)
                && !char.IsAsciiDigit(bare[0])
                ? [state]
            : throw new FormatException(
                $"'{VisibleText.Brief(word)}' is no state of TCP. Accepted are {string.Join(", ", All)}, the words of ss "
                + "and netstat for them, and the groups of ss: connected, synchronized, bucket, big, all.");
    }
}
