using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Darwin;
using NetKeepAlive.Interop.Linux;
namespace NetKeepAlive.Interop;

/// <summary>
/// The numbers and layouts of one platform's socket calls, as its headers have them. <see cref="Current"/> is chosen
/// once; tests pass another platform's.
/// </summary>
internal sealed record Abi
{
    private static readonly Abi Linux = LinuxAbi.Create();
    private static readonly Abi Darwin = DarwinAbi.Create();
    private static readonly Abi? OfThisProcess = CurrentPlatform.Value is Platform.Other ? null : Of(CurrentPlatform.Value);

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

    /// <summary>Asks a receive for a message's full length, also where the buffer is shorter; none where a kernel never
    /// tells that.</summary>
    internal required int MsgFullLength { get; init; }

    /// <summary>Keeps a send from waiting.</summary>
    internal required int MsgSendDontWait { get; init; }

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

    /// <summary>Asks for the end of what the peer sends; bytes that have come are not it.</summary>
    internal required short PollEnd { get; init; }

    /// <summary>Asks for an error, or the end of both sides, and nothing else.</summary>
    internal required short PollFailure { get; init; }

    /// <summary>What is told of an error.</summary>
    internal required short PollTellsError { get; init; }

    /// <summary>Does poll(2) forget who waits for an end once bytes have come? Then it must be asked again and
    /// again.</summary>
    internal required bool PollForgetsEnds { get; init; }

    /// <summary>The layout of <c>struct msghdr</c>.</summary>
    internal required MsgHdrLayout MsgHdr { get; init; }

    /// <summary>The layout of <c>struct cmsghdr</c>.</summary>
    internal required CmsgLayout Cmsg { get; init; }

    /// <summary>The layout of <c>struct sockaddr_un</c>.</summary>
    internal required SockAddrUnLayout SockAddrUn { get; init; }

    // What its kernel can do, and how it goes about it: what others would ask the platform for.

    /// <summary>Has it seqpacket sockets (unix(7))?</summary>
    internal required bool HasSeqpacket { get; init; }

    /// <summary>Has it names of Unix sockets without a file?</summary>
    internal required bool HasAbstractNames { get; init; }

    /// <summary>Does a message say who sent it (SCM_CREDENTIALS)?</summary>
    internal required bool HasMessageCredentials { get; init; }

    /// <summary>Several messages by one call: recvmmsg(2) and sendmmsg(2)?</summary>
    internal required bool HasMessageVectors { get; init; }

    /// <summary>Does an accepted connection begin with the options of its listener?</summary>
    internal required bool ListenerHandsDownOptions { get; init; }

    /// <summary>Does bind(2) give the file of a Unix socket the mode of the socket (fchmod(2)), and refuse a link that
    /// leads nowhere?</summary>
    internal required bool BindTakesMode { get; init; }

    /// <summary>Does bind(2) with SO_REUSEADDR refuse a port that somebody has on all addresses of a family, whatever address
    /// it is asked for? Else it looks for who has the very same.</summary>
    internal required bool BindSeesWildcards { get; init; }

    /// <summary>Does connect(2) to a Unix listener wait while its queue is full, SO_SNDTIMEO at the most? Else it is
    /// refused at once.</summary>
    internal required bool UnixConnectWaits { get; init; }

    /// <summary>May a direction be ended by shutdown(2) that has ended already?</summary>
    internal required bool EndedDirectionsMayEnd { get; init; }

    /// <summary>Can the options of a connection be set that both sides have ended?</summary>
    internal required bool EndedSocketsTakeOptions { get; init; }

    /// <summary>Are the levels of setsockopt(2) told apart by a Unix socket? Else it takes the numbers of TCP's and IP's
    /// options for its own.</summary>
    internal required bool UnixSocketsHaveLevels { get; init; }

    /// <summary>The errno of a send to a datagram socket whose queue is full, where that is not EAGAIN; nothing tells then
    /// when there is room again.</summary>
    internal required int FullQueueErrno { get; init; }

    /// <summary>The errno that a send on a connection gives at times though another try succeeds; none where there is no
    /// such.</summary>
    internal required int TryAgainErrno { get; init; }

    /// <summary>The errno of descriptors sent on a full Unix stream, where that is not EAGAIN.</summary>
    internal required int FullStreamErrno { get; init; }

    /// <summary>The room, in bytes, for control messages with which a look at a message says MSG_CTRUNC where it has
    /// any.</summary>
    internal required int PeekControlSize { get; init; }

    /// <summary>Is every socket of this module non-blocking from birth, since no flag of a call makes it so?</summary>
    internal required bool SocketsAreNonBlocking { get; init; }

    /// <summary>The longest message that the kernel makes, in bytes, with room to spare.</summary>
    internal required int LongestMessage { get; init; }

    /// <summary>The buffers, in bytes, that a Unix datagram socket is given at birth; 0 leaves those of the
    /// kernel.</summary>
    internal required int DatagramBufferSize { get; init; }

    /// <summary>Does the system tell how often unacknowledged data is sent again (tcp_retries2 of tcp(7))?</summary>
    internal required bool TellsRetries { get; init; }

    /// <summary>The system's keep-alive defaults.</summary>
    internal required SystemNumbers SystemKeepAlive { get; init; }

    /// <summary>Has it tables of all sockets with their owners and queues (sock_diag(7), /proc)? Else there are those of
    /// .NET.</summary>
    internal required bool HasSocketTables { get; init; }

    /// <summary>Has it /proc (proc(5))? Else libproc tells which processes there are, and .NET their names.</summary>
    internal required bool HasProcFiles { get; init; }

    /// <summary>The TCP and UDP sockets of a process, for where the tables of all sockets do not lead to it; null where
    /// they do. None of a process that this user may not look into.</summary>
    internal required Func<int, IEnumerable<ProcessSocket>>? SocketsOfProcess { get; init; }

    /// <summary>Has it the sendfile(2) of Linux? That of macOS has other arguments.</summary>
    internal required bool HasSendFile { get; init; }

    /// <summary>Does the user timeout decide when unanswered probes end a connection, in the place of their
    /// number?</summary>
    internal required bool UserTimeoutEndsProbes { get; init; }

    /// <summary>How the kernel gives its statistics of a connection.</summary>
    internal required TcpInfoOption TcpInfo { get; init; }

    /// <summary>Does the socket listen? Throws <see cref="NativeSocketException"/>, ENOTSOCK, where it is
    /// none.</summary>
    internal required Func<SafeHandle, bool> IsListening { get; init; }

    /// <summary>Who is at the other end of a Unix socket, as getsockopt(2) tells.</summary>
    internal required Func<SafeHandle, PeerCredential> GetPeerCredential { get; init; }

    /// <summary>The numbers and layouts of this process.</summary>
    /// <exception cref="System.PlatformNotSupportedException">Neither Linux nor macOS.</exception>
    internal static Abi Current =>
        OfThisProcess ?? throw CurrentPlatform.NotSupported("NetKeepAlive", Platform.Other);

    /// <summary>Throws <see cref="PlatformNotSupportedException"/> where there are no seqpacket sockets.</summary>
    internal void RequireSeqpacket() => Require(HasSeqpacket, "A Unix seqpacket socket");

    /// <summary>Throws <see cref="PlatformNotSupportedException"/> where there are no names without a file.</summary>
    internal void RequireAbstractNames() => Require(HasAbstractNames, "The abstract namespace of Unix sockets");

    /// <summary>Throws <see cref="PlatformNotSupportedException"/> where messages do not say who sent them.</summary>
    internal void RequireMessageCredentials() => Require(HasMessageCredentials, "The credentials of a message's sender");

    private void Require(bool has, string what)
    {
        if (!has)
        {
            throw CurrentPlatform.NotSupported(what, Platform);
        }
    }

    /// <summary>The numbers and layouts of a platform, for tests of what cannot run here.</summary>
    internal static Abi Of(Platform platform) =>
        platform is Platform.Darwin ? Darwin : Linux;
}
