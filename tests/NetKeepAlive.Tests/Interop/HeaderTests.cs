using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Darwin;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

/// <summary>Every number and layout of the core against the headers of the system that the tests run on.</summary>
public sealed class HeaderTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <poll.h>
        #include <stddef.h>
        #include <sys/socket.h>
        #include <sys/un.h>
        #include <sys/syscall.h>
        #include <netinet/in.h>
        #include <netinet/tcp.h>
        """;

    public HeaderTests() => Need.Headers();

    [Fact]
    public void Option_numbers_are_those_of_the_headers()
    {
        StringBuilder source = new(Headers);
        foreach (SocketOption option in SocketOptions.All.Where(option => option.Number is not null))
        {
            AssertEqual(source, option.Constant!, option.Number!.Value);
            string level = option.Level switch
            {
                System.Net.Sockets.SocketOptionLevel.Socket => "SOL_SOCKET",
                System.Net.Sockets.SocketOptionLevel.Tcp => "IPPROTO_TCP",
                System.Net.Sockets.SocketOptionLevel.IPv6 => "IPPROTO_IPV6",
                _ => "IPPROTO_IP",
            };
            AssertEqual(source, level, SocketOption.LevelNumber(option.Level, CurrentPlatform.Value));
        }

        CCompiler.MustCompile(source.ToString());
    }

    [Fact]
    public void Errno_numbers_are_those_of_the_headers()
    {
        StringBuilder source = new(Headers);
        foreach (Errno errno in Errno.All)
        {
            AssertEqual(source, errno.Name, errno.Value);
        }

        CCompiler.MustCompile(source.ToString());
    }

    [Fact]
    public void Socket_constants_are_those_of_the_headers()
    {
        Abi abi = Abi.Current;
        StringBuilder source = new(Headers);
        Dictionary<string, int> constants = new()
        {
            ["AF_UNIX"] = abi.AfUnix,
            ["AF_INET"] = abi.AfInet,
            ["AF_INET6"] = abi.AfInet6,
            ["SOL_SOCKET"] = abi.SolSocket,
            ["SOCK_STREAM"] = abi.SockStream,
            ["SOCK_DGRAM"] = abi.SockDgram,
            ["SOCK_SEQPACKET"] = abi.SockSeqpacket,
            ["SOCK_CLOEXEC"] = abi.SockCloexec,
            ["MSG_PEEK"] = abi.MsgPeek,
            ["MSG_DONTWAIT"] = abi.MsgDontWait,
            ["MSG_TRUNC"] = abi.MsgTrunc,
            ["MSG_CTRUNC"] = abi.MsgCtrunc,
            ["MSG_NOSIGNAL"] = abi.MsgNoSignal,
            ["MSG_CMSG_CLOEXEC"] = abi.MsgCmsgCloexec,
            ["SCM_RIGHTS"] = abi.ScmRights,
            ["SCM_CREDENTIALS"] = abi.ScmCredentials,
            ["SCM_TIMESTAMP"] = abi.ScmTimestamp,
            ["POLLIN"] = abi.PollIn,
            ["POLLOUT"] = abi.PollOut,
            ["POLLERR"] = abi.PollErr,
            ["POLLHUP"] = abi.PollHup,
            ["POLLNVAL"] = abi.PollNval,
            [abi.Platform is Platform.Linux ? "POLLRDHUP" : "POLLHUP"] = abi.PollEnd,
        };
        foreach ((string name, int value) in constants.Where(constant => constant.Value != Abi.None))
        {
            AssertEqual(source, name, value);
        }

        CCompiler.MustCompile(source.ToString());
    }

    [Fact]
    public void Layouts_are_those_of_the_headers()
    {
        Abi abi = Abi.Current;
        StringBuilder source = new(Headers);
        AssertEqual(source, "sizeof(struct msghdr)", abi.MsgHdr.Size);
        AssertEqual(source, "offsetof(struct msghdr, msg_name)", abi.MsgHdr.Name);
        AssertEqual(source, "offsetof(struct msghdr, msg_namelen)", abi.MsgHdr.NameLength);
        AssertEqual(source, "offsetof(struct msghdr, msg_iov)", abi.MsgHdr.Iov);
        AssertEqual(source, "offsetof(struct msghdr, msg_iovlen)", abi.MsgHdr.IovLength);
        AssertEqual(source, "offsetof(struct msghdr, msg_control)", abi.MsgHdr.Control);
        AssertEqual(source, "offsetof(struct msghdr, msg_controllen)", abi.MsgHdr.ControlLength);
        AssertEqual(source, "offsetof(struct msghdr, msg_flags)", abi.MsgHdr.Flags);
        AssertEqual(source, "CMSG_LEN(0)", abi.Cmsg.Header);
        AssertEqual(source, "CMSG_SPACE(4)", abi.Cmsg.Space(4));
        AssertEqual(source, "CMSG_SPACE(12)", abi.Cmsg.Space(12));
        AssertEqual(source, "offsetof(struct cmsghdr, cmsg_level)", abi.Cmsg.Level);
        AssertEqual(source, "offsetof(struct cmsghdr, cmsg_type)", abi.Cmsg.Type);
        AssertEqual(source, "sizeof(struct sockaddr_un)", abi.SockAddrUn.Size);
        AssertEqual(source, "offsetof(struct sockaddr_un, sun_path)", SockAddrUnLayout.PathOffset);
        CCompiler.MustCompile(source.ToString());
    }

    [Fact]
    public void Linux_call_numbers_and_credentials_are_those_of_the_headers()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        StringBuilder source = new(Headers);
        AssertEqual(source, "SYS_pidfd_open", SystemCall.PidFdOpen);
        AssertEqual(source, "SYS_pidfd_getfd", SystemCall.PidFdGetFd);
        AssertEqual(source, "SYS_sendto", SystemCall.SendTo);
        AssertEqual(source, "SYS_recvfrom", SystemCall.RecvFrom);
        AssertEqual(source, "SYS_recvmsg", SystemCall.RecvMsg);
        AssertEqual(source, "sizeof(struct ucred)", PeerCredential.UcredSize);
        AssertEqual(source, "sizeof(struct linger)", OptionCodecs.Linger.Size);
        AssertEqual(source, "sizeof(struct timeval)", OptionCodecs.Timeval.Size);
        CCompiler.MustCompile(source.ToString());
    }

    [Fact]
    public void Darwin_calls_and_structures_are_those_of_the_headers()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Darwin, "macOS only");
        StringBuilder source = new(Headers);
        source.AppendLine().AppendLine("#include <sys/stat.h>").AppendLine("#include <sys/time.h>")
            .AppendLine("#include <sys/ucred.h>").AppendLine("#include <libproc.h>").AppendLine("#include <sys/proc_info.h>");
        AssertEqual(source, "sizeof(struct xucred)", PeerCred.XucredSize);
        AssertEqual(source, "sizeof(struct stat)", FileStatus.DarwinStatSize);
        AssertEqual(source, "offsetof(struct stat, st_ino)", FileStatus.DarwinInode);
        AssertEqual(source, "offsetof(struct stat, st_mode)", FileStatus.DarwinMode);
        AssertEqual(source, "sizeof(struct timeval)", OptionCodecs.Timeval.Size);
        AssertEqual(source, "sizeof(struct linger)", OptionCodecs.Linger.Size);
        AssertEqual(source, "sizeof(struct socket_fdinfo)", SocketFdInfo.Size);
        AssertEqual(source, "offsetof(struct socket_fdinfo, psi.soi_options)", SocketFdInfo.Options);
        AssertEqual(source, "offsetof(struct socket_fdinfo, psi.soi_protocol)", SocketFdInfo.Protocol);
        AssertEqual(source, "offsetof(struct socket_fdinfo, psi.soi_kind)", SocketFdInfo.Kind);
        const string Internet = "offsetof(struct socket_fdinfo, psi.soi_proto.pri_in";
        AssertEqual(source, $"{Internet}.insi_fport)", SocketFdInfo.RemotePort);
        AssertEqual(source, $"{Internet}.insi_lport)", SocketFdInfo.LocalPort);
        AssertEqual(source, $"{Internet}.insi_vflag)", SocketFdInfo.Versions);
        AssertEqual(source, $"{Internet}.insi_faddr)", SocketFdInfo.RemoteAddress);
        AssertEqual(source, $"{Internet}.insi_laddr)", SocketFdInfo.LocalAddress);
        AssertEqual(source, "SOCKINFO_IN", SocketFdInfo.KindInternet);
        AssertEqual(source, "SOCKINFO_TCP", SocketFdInfo.KindTcp);
        AssertEqual(source, "sizeof(struct proc_fdinfo)", LibProc.FdInfoSize);
        AssertEqual(source, "PROX_FDTYPE_SOCKET", (int)LibProc.TypeSocket);
        AssertEqual(source, "PROC_PIDLISTFDS", Libc.ProcPidListFds);
        AssertEqual(source, "PROC_PIDFDSOCKETINFO", Libc.ProcPidFdSocketInfo);
        AssertEqual(source, "SO_ACCEPTCONN", SocketFdInfo.AcceptsConnections);
        CCompiler.MustCompile(source.ToString());
    }

    private static void AssertEqual(StringBuilder source, string expression, int value) =>
        source.AppendLine().Append(CultureInfo.InvariantCulture, $"_Static_assert(({expression}) == {value}, \"{expression}\");");
}
