using NetKeepAlive.Interop.Darwin;
using NetKeepAlive.Interop.Linux;
namespace NetKeepAlive.Interop;

/// <summary>
/// The numbers and layouts of one platform's socket calls, as its headers have them. <see cref="Current"/> is chosen
/// once; tests pass another platform's.
/// </summary>
internal sealed record Abi
{
    private static readonly Abi? OfThisProcess = CurrentPlatform.Value switch
    {
        Platform.Linux => LinuxAbi.Create(),
        Platform.Darwin => DarwinAbi.Create(),
        _ => null,
    };

    /// <summary>The platform whose numbers these are.</summary>
    internal required Platform Platform { get; init; }

    /// <summary>The number that means "no such flag here": adding it changes nothing.</summary>
    internal const int None = 0;

    // socket(2): families and levels
    internal required int AfUnix { get; init; }
    internal required int AfInet { get; init; }
    internal required int AfInet6 { get; init; }
    internal required int SolSocket { get; init; }

    // socket(2): types, and the flag that makes a descriptor close-on-exec from birth
    internal required int SockStream { get; init; }
    internal required int SockDgram { get; init; }
    internal required int SockSeqpacket { get; init; }
    internal required int SockCloexec { get; init; }

    // send(2), recv(2)
    internal required int MsgPeek { get; init; }
    internal required int MsgDontWait { get; init; }
    internal required int MsgTrunc { get; init; }
    internal required int MsgCtrunc { get; init; }
    internal required int MsgNoSignal { get; init; }
    internal required int MsgCmsgCloexec { get; init; }

    // unix(7), cmsg(3), socket(7)
    internal required int ScmRights { get; init; }
    internal required int ScmCredentials { get; init; }
    internal required int ScmTimestamp { get; init; }

    // poll(2)
    internal required short PollIn { get; init; }
    internal required short PollOut { get; init; }
    internal required short PollErr { get; init; }
    internal required short PollHup { get; init; }
    internal required short PollNval { get; init; }
    internal required short PollRdHup { get; init; }

    /// <summary>The layout of <c>struct msghdr</c>.</summary>
    internal required MsgHdrLayout MsgHdr { get; init; }

    /// <summary>The layout of <c>struct cmsghdr</c>.</summary>
    internal required CmsgLayout Cmsg { get; init; }

    /// <summary>The layout of <c>struct sockaddr_un</c>.</summary>
    internal required SockAddrUnLayout SockAddrUn { get; init; }

    /// <summary>The numbers and layouts of this process.</summary>
    /// <exception cref="System.PlatformNotSupportedException">Neither Linux nor macOS.</exception>
    internal static Abi Current =>
        OfThisProcess ?? throw CurrentPlatform.NotSupported("NetKeepAlive", Platform.Other);

    /// <summary>The numbers and layouts of a platform, for tests of what cannot run here.</summary>
    internal static Abi Of(Platform platform) =>
        platform is Platform.Darwin ? DarwinAbi.Create() : LinuxAbi.Create();
}
