using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Tables;

/// <summary>
/// A network namespace: what it is called, a way to it, and what tells it from another that takes its place there. It
/// holds no descriptor, so it keeps no namespace alive.
/// </summary>
internal sealed class NetNamespace
{
    private const string NamedFolder = "/run/netns";
    private const string Advice =
        "Another network namespace is entered as root (CAP_SYS_ADMIN), and that of a process also takes the right to "
        + "trace it.";

    private NetNamespace(string name, string path, ulong inode)
    {
        Name = name;
        Path = path;
        Inode = inode;
    }

    /// <summary>A name under /run/netns, or the path.</summary>
    internal string Name { get; }

    /// <summary>The file that leads to it.</summary>
    internal string Path { get; }

    /// <summary>The inode of that file in nsfs: lsns(8) and <c>ip netns identify</c> go by it.</summary>
    internal ulong Inode { get; }

    /// <summary>The kernel's number of it, never given again; 0 while it is not known.</summary>
    internal ulong Cookie { get; private set; }

    /// <summary>The inode of the namespace that the calling thread is in.</summary>
    internal static ulong OwnInode => ReadLink("/proc/thread-self/ns/net");

    /// <summary>The namespaces that a word names: a name under /run/netns, a path, the id of a process, or <c>*</c> for
    /// all that can be found. The calling thread's own is null.</summary>
    /// <param name="word">The word.</param>
    /// <param name="hidden">Of how many processes this user may not see which is theirs, where all are named.</param>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: there is none of that name; <c>ESRCH</c>: no such
    /// process.</exception>
    internal static IReadOnlyList<NetNamespace?> Find(string word, out int hidden)
    {
        hidden = 0;
        if (word == "*")
        {
            return All(out hidden);
        }

        NetNamespace found = word.Contains('/', StringComparison.Ordinal) ? OfPath(word)
            : File.Exists($"{NamedFolder}/{word}") ? OfPath($"{NamedFolder}/{word}")
            : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? OfProcess(process)
            : throw new NativeSocketException(
                "open", Errno.ENOENT, $"network namespace {word}",
                $"There is none of that name under {NamedFolder}; a path and the id of a process are also accepted.");
        return [found.Inode == OwnInode ? null : found];
    }

    /// <summary>The namespace of a process; null where it is the calling thread's own or may not be seen.</summary>
    /// <exception cref="NativeSocketException"><c>ESRCH</c>: no such process.</exception>
    internal static NetNamespace? Following(int process)
    {
        NetNamespace found = OfProcess(process);
        return found.Inode == 0 || found.Inode == OwnInode ? null : found;
    }

    /// <summary>The namespace that a descriptor leads to.</summary>
    /// <param name="network">Its descriptor.</param>
    internal static NetNamespace OfDescriptor(SafeFileHandle network)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{network.DangerousGetHandle()}");
        ulong inode = InodeOf(path);
        foreach (NetNamespace? known in All())
        {
            if (known?.Inode == inode)
            {
                return known;
            }
        }

        return new NetNamespace(string.Create(CultureInfo.InvariantCulture, $"net:[{inode}]"), path, inode);
    }

    /// <summary>Every namespace that has a name, a mount or a process; null, the calling thread's own, comes
    /// first.</summary>
    internal static IReadOnlyList<NetNamespace?> All() => All(out _);

    /// <summary>Likewise.</summary>
    /// <param name="hidden">Of how many processes this user may not see which is theirs.</param>
    internal static IReadOnlyList<NetNamespace?> All(out int hidden)
    {
        List<NetNamespace?> all = [null];
        HashSet<ulong> seen = [OwnInode];
        hidden = 0;
        foreach (NetNamespace candidate in Candidates())
        {
            if (candidate.Inode == 0)
            {
                hidden++;
            }
            else if (seen.Add(candidate.Inode))
            {
                all.Add(candidate);
            }
        }

        return all;
    }

    /// <summary>Does something in the namespace, on a thread of its own: what it opens stays there, the thread
    /// ends.</summary>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: it is gone, or another has its place; <c>EPERM</c>: it
    /// takes root.</exception>
    internal T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failed = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter();
                result = work();
            }
            catch (Exception error)
            {
                failed = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failed?.Throw();
        return result!;
    }

    /// <summary>Makes sure that a socket which was opened in the namespace is in this very one.</summary>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: another has its place.</exception>
    internal void Recognize(ulong cookie)
    {
        Cookie = Cookie == 0 || Cookie == cookie ? cookie : throw IsAnother();
    }

    /// <summary>The name.</summary>
    public override string ToString() => VisibleText.Escape(Name);

    private static NetNamespace OfProcess(int process)
    {
        string path = PathOf(process);
        return ProcessSockets.IsThere(process)
            ? Known(path, ReadLink(path))
            : throw new NativeSocketException(
                "open", Errno.ESRCH, $"process {process.ToString(CultureInfo.InvariantCulture)}");
    }

    private static string PathOf(int process) => string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net");

    private static NetNamespace OfPath(string path) => Known(path, InodeOf(path));

    // By the name that ip(8) gave it, where it has one.
    private static NetNamespace Known(string path, ulong inode)
    {
        foreach (NetNamespace named in inode == 0 ? [] : Named())
        {
            if (named.Inode == inode)
            {
                return named;
            }
        }

        return new NetNamespace(path, path, inode);
    }

    private static IEnumerable<NetNamespace> Named()
    {
        foreach (string path in Directory.Exists(NamedFolder) ? Directory.EnumerateFiles(NamedFolder) : [])
        {
            if (FileStatus.Of(path) is { } file)
            {
                yield return new NetNamespace(System.IO.Path.GetFileName(path), path, file.Inode);
            }
        }
    }

    // The file of a namespace is a bind mount of nsfs, or a link of /proc that leads there.
    private static ulong InodeOf(string path) =>
        ReadLink(path) is var linked and not 0 ? linked
        : FileStatus.Of(path) is { } file ? file.Inode
        : throw new NativeSocketException("open", Errno.ENOENT, $"network namespace {path}");

    private static ulong ReadLink(string path)
    {
        Span<byte> link = stackalloc byte[64];
        int length = Libc.ReadLinkAt(null, Encoding.UTF8.GetBytes($"{path}\0"), link);
        return InodeIn(link[..Math.Max(length, 0)]);
    }

    // "net:[4026531840]"; 0 is none.
    private static ulong InodeIn(ReadOnlySpan<byte> link)
    {
        ReadOnlySpan<byte> prefix = "net:["u8;
        return link.StartsWith(prefix) && Utf8Parser.TryParse(link[prefix.Length..], out ulong inode, out _) ? inode : 0;
    }

    private static IEnumerable<NetNamespace> Candidates()
    {
        foreach (NetNamespace named in Named())
        {
            yield return named;
        }

        foreach (MountPoint mount in MountTable.Of("nsfs"))
        {
            if (InodeIn(Encoding.UTF8.GetBytes(mount.Root)) is var inode and not 0)
            {
                yield return new NetNamespace(mount.Folder, mount.Folder, inode);
            }
        }

        foreach (int process in ProcessSockets.Processes())
        {
            string path = PathOf(process);
            if (ReadLink(path) is var inode && (inode != 0 || ProcessSockets.MayHaveDescriptors(process)))
            {
                yield return new NetNamespace(path, path, inode);
            }
        }
    }

    private void Enter()
    {
        string target = $"network namespace {Name}";
        try
        {
            using SafeFileHandle file = File.OpenHandle(
                Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            NetworkNamespaces.Enter(file, target);
        }
        catch (NativeSocketException refused)
        {
            throw refused.WithTarget(
                target,
                refused.Is(Errno.EPERM) ? Advice : refused.Is(Errno.EINVAL) ? $"{Path} is no network namespace." : null);
        }
        catch (UnauthorizedAccessException)
        {
            throw new NativeSocketException("open", Errno.EPERM, target, Advice);
        }
        catch (IOException)
        {
            throw new NativeSocketException("open", Errno.ENOENT, target, "It is gone.");
        }

        if (OwnInode != Inode)
        {
            throw IsAnother();
        }
    }

    private NativeSocketException IsAnother() => new(
        "setns", Errno.ENOENT, $"network namespace {Name}", $"It is gone, and {Path} is another now.");
}
